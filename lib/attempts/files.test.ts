import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attempts, jobs, resultFiles, tenants } from "@/lib/db/schema";
import {
  eq,
  insertAttempt,
  makeLines,
  openPortalParts,
  type PortalParts,
  portalParts,
  runnerClient,
} from "@/tests/support/attempts";
import { type RunnerListener, startRunnerListener } from "./listener";

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

const finishOf = (files: { path: string; content: Uint8Array }[], lineCount = 0) => ({
  at: "2026-11-24T06:00:09.500Z",
  outcome: {
    state: "SUCCEEDED",
    reason: "Completed",
    message: "Ended.",
    exit_code: 0,
    signal: null,
  },
  line_count: lineCount,
  files: files.map(({ path, content }) => ({
    path,
    size_bytes: content.length,
    sha256: sha256(content),
  })),
  lost_files: [],
});

async function rowsOf(jobId: string) {
  const { db } = portal.database;
  const [job] = await db.select().from(jobs).where(eq(jobs.id, jobId));
  const [attempt] = await db.select().from(attempts).where(eq(attempts.jobId, jobId));
  if (!(job && attempt)) throw new Error("the job is gone");
  return { job, attempt };
}

test("a result file goes on where it was cut, and a finish waits until all lines and files are here", async () => {
  const { job, token } = await insertAttempt(portal);
  const client = runnerClient(listener.url, token);
  const big = randomBytes(300_000);
  const files = [
    { path: "out/big file.bin", content: big },
    { path: "empty.txt", content: Buffer.alloc(0) },
    { path: 'odd "name"\nwith % and ü.xml', content: Buffer.from("<tripinfos>") },
  ];
  const finish = finishOf(files, 5);
  expect(await (await client.finish(finish)).json()).toEqual({
    missing: { next_line: 0, files: ["out/big file.bin", 'odd "name"\nwith % and ü.xml'] },
  });
  expect((await client.put("out/big file.bin", 0, big.subarray(0, 100_000))).status).toBe(204);
  const wrong = await client.put("out/big file.bin", 50, big.subarray(50, 60));
  expect([wrong.status, wrong.headers.get("upload-offset")]).toEqual([409, "100000"]);
  expect(await client.offset("out/big file.bin")).toBe(100_000);
  expect((await client.put("out/big file.bin", 100_000, big.subarray(100_000))).status).toBe(204);
  await client.put(files[2]?.path ?? "", 0, Buffer.from("<tripinfoX>"));
  const still = (await (await client.finish(finish)).json()) as { missing: { files: string[] } };
  expect(still.missing.files).toEqual([files[2]?.path]);
  expect(await client.offset(files[2]?.path ?? "")).toBe(0); // other content is sent again from the start
  await client.put(files[2]?.path ?? "", 0, Buffer.from("<tripinfos>"));
  await client.report({ seq: 1, lines: makeLines(0, 5) });
  expect(await (await client.finish(finish)).json()).toEqual({ accepted: true });
  expect(await (await client.finish(finish)).json()).toEqual({ accepted: true });
  const { db } = portal.database;
  const stored = await db.select().from(resultFiles).where(eq(resultFiles.jobId, job.id));
  expect(
    new Set(stored.map(({ path, kind, sizeBytes }) => `${path} ${kind} ${sizeBytes}`)),
  ).toEqual(
    new Set([
      "empty.txt log 0",
      'odd "name"\nwith % and ü.xml tripinfo 11',
      "out/big file.bin other 300000",
    ]),
  );
  const { attempt, job: after } = await rowsOf(job.id);
  expect(attempt.outcome).toEqual({
    state: "SUCCEEDED",
    reason: "Completed",
    message: "Ended.",
    exitCode: 0,
    signal: null,
  });
  expect(attempt.manifestComplete).toBe(true);
  expect(attempt.finishedAt).toEqual(new Date("2026-11-24T06:00:09.500Z"));
  const [tenant] = await db.select().from(tenants).where(eq(tenants.id, job.tenantId));
  expect([after.storedBytes, tenant?.storedBytes]).toEqual([300_011, 300_011]);
});

test("two portals take parts of one file in turn, and the whole is checked at the end", async () => {
  const { token } = await insertAttempt(portal);
  const second = await startRunnerListener(
    portalParts(portal.database, portal.env.SUMO_K8_DATA_DIR),
  );
  try {
    expect(second.url).not.toBe(listener.url);
    const content = randomBytes(90_000);
    const [here, there] = [runnerClient(listener.url, token), runnerClient(second.url, token)];
    await here.put("a.bin", 0, content.subarray(0, 30_000));
    await there.put("a.bin", 30_000, content.subarray(30_000, 60_000));
    await here.put("a.bin", 60_000, content.subarray(60_000));
    expect((await there.finish(finishOf([{ path: "a.bin", content }]))).status).toBe(200);
    expect((await readdir(join(portal.env.SUMO_K8_DATA_DIR, "listeners"))).toSorted()).toEqual(
      [listener.url, second.url].map((url) => `${new URL(url).port}.json`).toSorted(),
    );
  } finally {
    await second.close();
  }
});

test("a tenant whose storage is full gets no further bytes in", async () => {
  const { token } = await insertAttempt(portal, { maxStorageMib: 1 });
  const client = runnerClient(listener.url, token);
  expect((await client.put("a.bin", 0, Buffer.alloc(2 ** 20))).status).toBe(204);
  expect((await client.put("a.bin", 2 ** 20, Buffer.alloc(1))).status).toBe(413);
  expect((await client.put("b.bin", 0, Buffer.alloc(2 ** 20 + 1))).status).toBe(413);
});
