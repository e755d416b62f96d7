import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { activity, attempts, jobs, progressPoints } from "@/lib/db/schema";
import { attemptName } from "@/lib/domain/attempt";
import { readLines } from "@/lib/logs/read";
import { blobKey } from "@/lib/storage/keys";
import {
  eq,
  insertAttempt,
  makeLines,
  openPortalParts,
  type PortalParts,
  runnerClient,
} from "@/tests/support/attempts";
import { type RunnerListener, startRunnerListener } from "./listener";
import { attemptToken } from "./token";

let portal: PortalParts;
let listener: RunnerListener;
beforeAll(async () => {
  portal = await openPortalParts();
  listener = await startRunnerListener(portal);
});
afterAll(async () => {
  await listener.close();
  await portal.dispose();
});

const sha256 = (content: Uint8Array | string) => createHash("sha256").update(content).digest("hex");

const progress = {
  time_seconds: 10,
  begin_seconds: 0,
  end_seconds: 100,
  end_is_estimate: false,
  percent: 10,
  running: 3,
  waiting: 0,
  mean_speed: 9.5,
  teleports: 0,
  real_time_factor: 20,
  remaining_seconds: 4,
};

async function rowsOf(jobId: string) {
  const { db } = portal.database;
  const [job] = await db.select().from(jobs).where(eq(jobs.id, jobId));
  const [attempt] = await db.select().from(attempts).where(eq(attempts.jobId, jobId));
  if (!(job && attempt)) throw new Error("the job is gone");
  return { job, attempt };
}

test("an attempt learns what to run and gets its inputs, and no other tenant's", async () => {
  const content = Buffer.from("<configuration/>");
  const inputs = [{ path: "a.sumocfg", sha256: sha256(content), sizeBytes: content.length }];
  const mine = await insertAttempt(portal, { inputs });
  await portal.store.put(blobKey(mine.job.tenantId, sha256(content)), content);
  const client = runnerClient(listener.url, mine.token);
  expect(await (await client.call("GET", "spec")).json()).toMatchObject({
    attempt: mine.name,
    config_file: "a.sumocfg",
    inputs: [{ path: "a.sumocfg", sha256: sha256(content), size_bytes: content.length }],
    run: { seed: 7, begin_seconds: null, sumo_options: {} },
    limits: { memory_mib: 512, time_limit_seconds: 600 },
  });
  const blob = await client.call("GET", `blobs/${sha256(content)}`);
  expect(Buffer.from(await blob.arrayBuffer())).toEqual(content);
  const other = await insertAttempt(portal);
  const refused = await runnerClient(listener.url, other.token).call(
    "GET",
    `blobs/${sha256(content)}`,
  );
  expect(refused.status).toBe(404);
});

test("a wrong token is 401; an attempt that is deleted, final, removed or not the present one is 410", async () => {
  const { job, token, name } = await insertAttempt(portal);
  const { db } = portal.database;
  const statusOf = async (t: string) =>
    (await runnerClient(listener.url, t).call("GET", "spec")).status;
  expect(await statusOf(token)).toBe(200);
  expect(await statusOf(token.replace("-1.", "-2."))).toBe(401);
  expect(await statusOf(attemptToken("another secret", name))).toBe(401);
  expect((await fetch(`${listener.url}/v1/spec`)).status).toBe(401);
  expect(await statusOf(attemptToken(portal.attemptSecret, attemptName(job.id, 2)))).toBe(410);
  await db.update(jobs).set({ attempt: 2 }).where(eq(jobs.id, job.id));
  expect(await statusOf(token)).toBe(410);
  await db.update(jobs).set({ attempt: 1, state: "FAILED" }).where(eq(jobs.id, job.id));
  expect(await statusOf(token)).toBe(410);
  await db.update(jobs).set({ state: "RUNNING" }).where(eq(jobs.id, job.id));
  expect(await statusOf(token)).toBe(200);
  await db.update(attempts).set({ removedAt: new Date() }).where(eq(attempts.jobId, job.id));
  expect(await statusOf(token)).toBe(410);
  await db.delete(jobs).where(eq(jobs.id, job.id));
  expect(await statusOf(token)).toBe(410);
});

test("phases become the timeline with the runner's own times, and Simulating makes the job RUNNING", async () => {
  const { job, token } = await insertAttempt(portal);
  const client = runnerClient(listener.url, token);
  const phases = [
    { phase: "DownloadingInputs" as const, at: "2026-11-24T06:00:01.000Z" },
    { phase: "CheckingInputs" as const, at: "2026-11-24T06:00:02.000Z" },
  ];
  await client.report({ seq: 1, phases });
  expect((await rowsOf(job.id)).job).toMatchObject({ state: "PENDING", reason: "CheckingInputs" });
  const all = [...phases, { phase: "Simulating" as const, at: "2026-11-24T06:00:03.250Z" }];
  const second = {
    seq: 2,
    phases: all,
    progress,
    sumo_version: "1.15.0",
    command: ["sumo", "-c", "x"],
  };
  await client.report(second);
  await client.report(second);
  const { job: after, attempt } = await rowsOf(job.id);
  expect(after).toMatchObject({ state: "RUNNING", reason: "Simulating", progress });
  expect(after.startedAt).toEqual(new Date("2026-11-24T06:00:03.250Z"));
  expect(attempt).toMatchObject({ phase: "Simulating", reportSeq: 2, sumoVersion: "1.15.0" });
  expect(attempt.simulatingAt).toEqual(new Date("2026-11-24T06:00:03.250Z"));
  await client.report({
    seq: 3,
    phases: [...all, { phase: "UploadingResults", at: "2026-11-24T06:00:09.000Z" }],
  });
  const { db } = portal.database;
  const timeline = await db
    .select()
    .from(activity)
    .where(eq(activity.jobId, job.id))
    .orderBy(activity.id);
  const of = (action: string) => timeline.filter((row) => row.action === action);
  expect(of("job.phase").map(({ reason, at }) => [reason, at.toISOString()])).toEqual([
    ["DownloadingInputs", "2026-11-24T06:00:01.000Z"],
    ["CheckingInputs", "2026-11-24T06:00:02.000Z"],
    ["Simulating", "2026-11-24T06:00:03.250Z"],
    ["UploadingResults", "2026-11-24T06:00:09.000Z"],
  ]);
  expect(of("job.state").map(({ state, at }) => [state, at.toISOString()])).toEqual([
    ["RUNNING", "2026-11-24T06:00:03.250Z"],
  ]);
  expect((await rowsOf(job.id)).job.reason).toBe("UploadingResults");
  const points = await db.select().from(progressPoints).where(eq(progressPoints.jobId, job.id));
  expect(points).toHaveLength(1);
});

test("lines that are repeated, overlap or come after a gap are stored once and in order", async () => {
  const { job, token } = await insertAttempt(portal);
  const client = runnerClient(listener.url, token);
  const send = async (seq: number, first: number, count: number) => {
    const answer = await client.report({ seq, first_line: first, lines: makeLines(first, count) });
    return ((await answer.json()) as { next_line: number }).next_line;
  };
  expect(await send(1, 0, 10)).toBe(10);
  expect(await send(1, 0, 10)).toBe(10);
  expect(await send(2, 5, 10)).toBe(15);
  expect(await send(4, 20, 10)).toBe(15);
  expect(await send(3, 15, 5)).toBe(20);
  const together = await Promise.all([send(5, 20, 30), send(5, 20, 30), send(6, 20, 40)]);
  expect(Math.max(...together)).toBe(60);
  const { lines, total } = await readLines(portal, job, { from: 0, limit: 1_000, tail: 0 });
  expect(total).toBe(60);
  expect(lines.map(({ n, line }) => [n, line])).toEqual(
    makeLines(0, 60).map((line, n) => [n, line]),
  );
  expect((await rowsOf(job.id)).job.logLines).toBe(60);
});

test("a runner is told to stop, with the seconds that are left of the cancel", async () => {
  const { job, token } = await insertAttempt(portal);
  const client = runnerClient(listener.url, token);
  const stopOf = async (seq: number) =>
    ((await (await client.report({ seq })).json()) as { stop: unknown }).stop;
  expect(await stopOf(1)).toBeNull();
  const { db } = portal.database;
  await db
    .update(jobs)
    .set({ cancelRequestedAt: new Date(Date.now() - 60_000), reason: "Cancelling" })
    .where(eq(jobs.id, job.id));
  await db.update(attempts).set({ stopRequestedAt: new Date() }).where(eq(attempts.jobId, job.id));
  expect(await stopOf(2)).toEqual({ reason: "cancel", grace_seconds: 1 });
  await client.report({
    seq: 3,
    phases: [{ phase: "UploadingResults", at: "2026-11-24T06:00:09.000Z" }],
  });
  expect((await rowsOf(job.id)).job.reason).toBe("Cancelling");
});
