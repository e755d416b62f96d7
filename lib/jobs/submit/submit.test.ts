import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Tenant } from "@/lib/db/schema/tenants";
import { getJobView } from "@/lib/jobs/detail/store";
import { FileArtifactStore } from "@/lib/storage/file-store";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { makeTenant } from "@/tests/support/jobs";
import { activityOf, jobsOf, scenariosOf, setTenant, tenantRow } from "@/tests/support/rows";
import { tinyScenario, zipOf } from "@/tests/support/scenario";
import { parseSubmission } from "./submission";
import { submitJob } from "./submit";

let database: TestDatabase;
let store: FileArtifactStore;
let dir: string;
let zip: string;
beforeAll(async () => {
  database = await openTestDatabase();
  dir = await mkdtemp(join(tmpdir(), "sumo-k8-submit-"));
  store = new FileArtifactStore(join(dir, "files"));
  zip = await zipOf(await tinyScenario());
});
afterAll(async () => {
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

type Owner = Awaited<ReturnType<typeof makeTenant>>;
type Given = { fields?: Record<string, unknown>; key?: string; zip?: string };

async function submit(owner: Owner, { fields = {}, key, zip: path = zip }: Given = {}) {
  const content = await readFile(path);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const file = { path, fileName: basename(path), sizeBytes: content.length, sha256 };
  const submission = parseSubmission({ scenario_id: "morning", ...fields }, true);
  return submitJob({ database, store }, owner.scope, { submission, file, idempotencyKey: key });
}
const countJobs = async (owner: Owner) => (await jobsOf(database, owner.scope.tenantId)).length;
const owned = (set: Partial<Tenant> = {}) => makeTenant(database, set);

test("a submission is a queued job with its record, and is found by its tenant alone", async () => {
  const owner = await owned();
  const job = await submit(owner, {
    fields: { begin: "0:01:00", labels: { study: "north" }, priority: "low" },
  });
  expect(job).toMatchObject({
    status: "QUEUED",
    config_file: "run.sumocfg",
    begin: 60,
    priority: "low",
    time_limit_seconds: 3_600,
  });
  expect(job.seed).toBeGreaterThanOrEqual(0);
  expect(job.inputs.map(({ path }) => path)).toEqual([
    "demo.rou.xml",
    "grid.net.xml",
    "run.sumocfg",
  ]);
  expect(await getJobView(database, owner.scope, job.job_id, {})).toEqual({
    ...job,
    queue_position: 1,
  });
  const rows = await activityOf(database, job.job_id);
  expect(rows).toMatchObject([
    { action: "job.submitted", at: new Date(job.submitted_at), actor: owner.scope.actor },
  ]);
  const other = await owned();
  await expect(getJobView(database, other.scope, job.job_id, {})).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("a seed that was given is kept", async () => {
  expect(await submit(await owned(), { fields: { seed: 0 } })).toMatchObject({ seed: 0 });
});

test("the same submission sent 20 times at once with one key is one job", async () => {
  const owner = await owned();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => submit(owner, { key: "once" })),
  );
  expect(new Set(answers.map(({ job_id }) => job_id)).size).toBe(1);
  expect(new Set(answers.map(({ seed }) => seed)).size).toBe(1);
  expect(await countJobs(owner)).toBe(1);
});

test("a key that was used for another submission is refused, and is free for another tenant", async () => {
  const [owner, other] = [await owned(), await owned()];
  await submit(owner, { key: "k" });
  await expect(submit(owner, { key: "k", fields: { scale: 2 } })).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
  await submit(other, { key: "k", fields: { scale: 2 } });
});

test("of 20 at once no more are queued than the limit", async () => {
  const owner = await owned({ maxQueuedJobs: 5 });
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => submit(owner)));
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  const refusal = answers.find((answer) => answer.status === "rejected");
  expect(refusal).toMatchObject({
    reason: { code: "QUEUE_FULL", retryAfterSeconds: expect.any(Number) as number },
  });
  expect(await countJobs(owner)).toBe(5);
});

test("what can never fit is refused with each number", async () => {
  const owner = await owned({ maxCpu: 2, maxMemoryMib: 4_096, maxRunSeconds: 60 });
  const fields = { cpu_request: 3, memory_gi: 5, time_limit_seconds: 61 };
  await expect(submit(owner, { fields })).rejects.toThrow(/limit is 2,.*limit is 4,.*limit is 60,/);
});

test("a suspended tenant submits nothing", async () => {
  const owner = await owned({ suspendedAt: new Date() });
  await expect(submit(owner)).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("a refused submission leaves nothing behind: no scenario, no bytes, no file", async () => {
  const owner = await owned({ maxQueuedJobs: 1 });
  const zip = await zipOf(await tinyScenario({ endSeconds: 1 }));
  await setTenant(database, owner.scope.tenantId, { queuedJobs: 1 });
  await expect(submit(owner, { zip })).rejects.toMatchObject({ code: "QUEUE_FULL" });
  const broken = await zipOf({
    "a.sumocfg": '<configuration><input><net-file value="no.net.xml"/></input></configuration>',
  });
  await expect(submit(owner, { zip: broken })).rejects.toThrow("no.net.xml");
  const left = await scenariosOf(database, owner.scope.tenantId);
  expect(left.map(({ id }) => id)).toEqual([owner.scenarioId]);
  const row = await tenantRow(database, owner.scope.tenantId);
  expect(row?.storedBytes).toBe(0);
  const files = await readdir(join(dir, "files", "tenants", owner.scope.tenantId), {
    recursive: true,
    withFileTypes: true,
  }).catch(() => []);
  expect(files.filter((entry) => entry.isFile())).toEqual([]);
});

test("all wrong options are named, before the archive is opened", async () => {
  const fields = { sumo_options: { "remote-port": "1", "no-such": "x" } };
  await expect(submit(await owned(), { fields, zip })).rejects.toThrow(/remote-port.*no-such/);
});

test("a job of an uploaded scenario needs no file", async () => {
  const owner = await owned();
  const submission = parseSubmission({ scenario_id: "again", scenario: owner.scenarioId }, false);
  const request = { submission, file: undefined, idempotencyKey: undefined };
  expect(await submitJob({ database, store }, owner.scope, request)).toMatchObject({
    scenario: owner.scenarioId,
  });
  const other = await owned();
  await expect(submitJob({ database, store }, other.scope, request)).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});
