import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attempts, logChunks, resultFiles, scenarioFiles } from "@/lib/db/schema";
import { blobs } from "@/lib/db/schema/scenarios";
import { createLog } from "@/lib/log";
import { tidy } from "@/lib/reconciler/housekeep/housekeep";
import { FileArtifactStore } from "@/lib/storage/file-store";
import { blobKey, resultKey } from "@/lib/storage/keys";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { makeJob, makeTenant } from "@/tests/support/jobs";
import {
  countChunks,
  jobsOf,
  scenariosOf,
  setScenario,
  setTenant,
  tenantRow,
} from "@/tests/support/rows";
import { deleteJob } from "./delete";

let database: TestDatabase;
let store: FileArtifactStore;
let dir: string;
beforeAll(async () => {
  database = await openTestDatabase();
  dir = await mkdtemp(join(tmpdir(), "sumo-k8-delete-"));
  store = new FileArtifactStore(join(dir, "files"));
});
afterAll(async () => {
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

/** A finished job with a result of 100 bytes, and an input of 10 that its scenario (not kept) brought. */
async function finishedJob(set: Parameters<typeof makeJob>[2] = {}, retentionDays = 30) {
  const owner = await makeTenant(database, { storedBytes: 110, retentionDays });
  const tenantId = owner.scope.tenantId;
  await setScenario(database, owner.scenarioId, { kept: false });
  await database.db.insert(blobs).values({ tenantId, sha256: "aa", sizeBytes: 10 });
  await database.db.insert(scenarioFiles).values({
    scenarioId: owner.scenarioId,
    tenantId,
    path: "town.sumocfg",
    sha256: "aa",
    sizeBytes: 10,
  });
  const job = await makeJob(database, owner, {
    state: "SUCCEEDED",
    attempt: 1,
    storedBytes: 100,
    finishedAt: new Date(),
    ...set,
  });
  const part = { jobId: job.id, attempt: 1 };
  await database.db.insert(attempts).values({ jobId: job.id, number: 1, tenantId, firstLine: 0 });
  await database.db
    .insert(resultFiles)
    .values({ ...part, path: "out.xml", sizeBytes: 100, sha256: "bb", kind: "other" });
  await database.db.insert(logChunks).values({
    ...part,
    firstLine: 0,
    lineCount: 1,
    warnings: 0,
    errors: 0,
    lines: Buffer.from("x"),
  });
  const keys = [blobKey(tenantId, "aa"), resultKey(tenantId, job.id, 1, "out.xml")];
  for (const key of keys) await store.put(key, Buffer.from("x"));
  const left = async () => ({
    jobs: (await jobsOf(database, tenantId)).filter(({ id }) => id === job.id).length,
    chunks: await countChunks(database, job.id),
    scenarios: (await scenariosOf(database, tenantId)).length,
    bytes: (await tenantRow(database, tenantId))?.storedBytes,
    objects: (await Promise.all(keys.map((key) => store.stat(key)))).filter(Boolean).length,
  });
  return { owner, job, left };
}
const NOTHING = { jobs: 0, chunks: 0, scenarios: 0, bytes: 0, objects: 0 };

test("a deleted job leaves nothing, and frees the scenario that only it used", async () => {
  const { owner, job, left } = await finishedJob();
  await deleteJob({ database, store }, owner.scope, job.id);
  expect(await left()).toEqual(NOTHING);
  await expect(deleteJob({ database, store }, owner.scope, job.id)).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("a scenario that another job uses stays, with its bytes", async () => {
  const { owner, job, left } = await finishedJob();
  await makeJob(database, owner);
  await deleteJob({ database, store }, owner.scope, job.id);
  expect(await left()).toEqual({ ...NOTHING, scenarios: 1, bytes: 10, objects: 1 });
});

test("a job that has not ended is not deleted, nor another tenant's", async () => {
  const { owner, job, left } = await finishedJob({ state: "RUNNING", finishedAt: null });
  await expect(deleteJob({ database, store }, owner.scope, job.id)).rejects.toMatchObject({
    code: "CONFLICT",
  });
  const other = await makeTenant(database);
  await expect(deleteJob({ database, store }, other.scope, job.id)).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  expect(await left()).toMatchObject({ jobs: 1, objects: 2 });
});

test("past its tenant's retention a finished job goes like a deleted one; younger and open ones stay", async () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  const old = await finishedJob({ finishedAt: daysAgo(8) }, 7);
  const young = await finishedJob({ finishedAt: daysAgo(8) }, 9);
  const open = await finishedJob(
    { state: "RUNNING", finishedAt: null, submittedAt: daysAgo(99) },
    7,
  );
  const deps = { database, store, log: createLog("error") };
  await tidy(deps, new Date(), new AbortController().signal);
  expect(await old.left()).toEqual(NOTHING);
  expect(await young.left()).toMatchObject({ jobs: 1, objects: 2 });
  expect(await open.left()).toMatchObject({ jobs: 1, objects: 2 });
});

test("counts that drifted are put right", async () => {
  const { owner, left } = await finishedJob();
  await makeJob(database, owner);
  await setTenant(database, owner.scope.tenantId, { storedBytes: 5, queuedJobs: 7 });
  await tidy(
    { database, store, log: createLog("silent") },
    new Date(),
    new AbortController().signal,
  );
  expect((await left()).bytes).toBe(110);
  expect((await tenantRow(database, owner.scope.tenantId))?.queuedJobs).toBe(1);
});
