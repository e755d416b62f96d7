import { afterAll, beforeAll, expect, test } from "vitest";
import { acquireLease } from "@/lib/reconciler/lease/store";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { makeJob, makeTenant } from "@/tests/support/jobs";
import { activityOf } from "@/tests/support/rows";
import { getJob, moveJob } from "./store";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof makeTenant>>;
beforeAll(async () => {
  database = await openTestDatabase();
  owner = await makeTenant(database);
});
afterAll(() => database.close());

const at = new Date("2026-01-01T08:00:00.123Z");
const start = { reason: "Starting", message: "Is being started.", at, actor: "portal" } as const;
const timeline = (jobId: string) => activityOf(database, jobId);

test("a move happens once, with its row on the timeline at the time at which it happened", async () => {
  const job = await makeJob(database, owner);
  expect(await moveJob(database.db, job, "PENDING", start)).toBe(true);
  expect(await moveJob(database.db, job, "PENDING", start)).toBe(false);
  expect(await getJob(database.db, owner.scope, job.id)).toMatchObject({
    state: "PENDING",
    reason: "Starting",
  });
  expect(await timeline(job.id)).toMatchObject([
    { action: "job.state", state: "PENDING", reason: "Starting", at },
  ]);
});

test("of 20 that move the same job at once, one does", async () => {
  const job = await makeJob(database, owner);
  const moves = await Promise.all(
    Array.from({ length: 20 }, () => moveJob(database.db, job, "PENDING", start)),
  );
  expect(moves.filter(Boolean)).toHaveLength(1);
  expect(await timeline(job.id)).toHaveLength(1);
});

test("a move that the states do not allow changes nothing", async () => {
  const job = await makeJob(database, owner, { state: "SUCCEEDED" });
  expect(await moveJob(database.db, job, "RUNNING", start)).toBe(false);
  expect(await timeline(job.id)).toHaveLength(0);
});

test("RUNNING sets the start and a final state the end, as they happened", async () => {
  const job = await makeJob(database, owner, { state: "PENDING" });
  await moveJob(database.db, job, "RUNNING", { ...start, reason: "Simulating" });
  const end = new Date("2026-01-01T09:00:00Z");
  await moveJob(database.db, { ...job, state: "RUNNING" }, "SUCCEEDED", {
    ...start,
    reason: "Completed",
    at: end,
  });
  expect(await getJob(database.db, owner.scope, job.id)).toMatchObject({
    startedAt: at,
    finishedAt: end,
  });
});

test("a move takes part in the caller's transaction", async () => {
  const job = await makeJob(database, owner);
  const broken = database.db.transaction(async (tx) => {
    await moveJob(tx, job, "PENDING", start);
    throw new Error("no");
  });
  await expect(broken).rejects.toThrow("no");
  expect((await getJob(database.db, owner.scope, job.id)).state).toBe("QUEUED");
  expect(await timeline(job.id)).toHaveLength(0);
});

test("a move with the fence of an earlier leader is refused", async () => {
  const job = await makeJob(database, owner);
  const old = await acquireLease(database, "moves", "a", 0);
  const present = await acquireLease(database, "moves", "b", 10);
  const fence = (epoch = 0) => ({ ...start, fence: { lease: "moves", epoch } });
  expect(present).toBe((old ?? 0) + 1);
  expect(await moveJob(database.db, job, "PENDING", fence(old))).toBe(false);
  expect(await moveJob(database.db, job, "PENDING", fence(present))).toBe(true);
});

test("another tenant's job is missing, exactly as one that is not there or has no UUID", async () => {
  const job = await makeJob(database, owner);
  const other = await makeTenant(database);
  const missing = { code: "NOT_FOUND", message: "Job not found." };
  await expect(getJob(database.db, other.scope, job.id)).rejects.toMatchObject(missing);
  await expect(
    getJob(database.db, owner.scope, "0198c0de-0000-7000-8000-000000000000"),
  ).rejects.toMatchObject(missing);
  await expect(getJob(database.db, owner.scope, "../x")).rejects.toMatchObject(missing);
});
