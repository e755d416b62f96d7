import { afterEach, beforeEach, expect, test } from "vitest";
import { attempts, leases } from "@/lib/db/schema";
import { attemptName } from "@/lib/domain/attempt";
import { cancelJob } from "@/lib/jobs/cancel/cancel";
import { makeJob, makeTenant } from "@/tests/support/jobs";
import { type Bench, openReconciler, SUCCEEDED } from "@/tests/support/reconciler";
import * as rows from "@/tests/support/rows";

let bench: Bench;
let owner: Awaited<ReturnType<typeof makeTenant>>;
beforeEach(async () => {
  bench = await openReconciler();
  owner = await makeTenant(bench.database);
});
afterEach(() => bench.close());

const ago = (seconds: number) => new Date(Math.floor(Date.now()) - seconds * 1_000);
const jobRow = (id: string) => rows.jobRow(bench.database, id);
const attemptRow = (id: string, number = 1) => rows.attemptRow(bench.database, id, number);
const timeline = async (id: string) =>
  (await rows.activityOf(bench.database, id)).map(({ state, reason, at }) => ({
    state,
    reason,
    at,
  }));

test("a queued job gets an attempt and is started once, however many passes follow", async () => {
  const job = await makeJob(bench.database, owner);
  for (let i = 0; i < 3; i += 1) await bench.pass();
  expect(await jobRow(job.id)).toMatchObject({ state: "PENDING", reason: "Starting", attempt: 1 });
  expect(bench.backend.begun).toEqual([attemptName(job.id, 1)]);
  expect((await attemptRow(job.id))?.startedAt).not.toBeNull();
});

test("an attempt whose start was cut off by a crash is started by the next pass", async () => {
  const job = await makeJob(bench.database, owner, { state: "PENDING", attempt: 1 });
  await bench.database.db
    .insert(attempts)
    .values({ jobId: job.id, number: 1, tenantId: job.tenantId, firstLine: 0 });
  await bench.pass();
  expect(bench.backend.begun).toEqual([attemptName(job.id, 1)]);
});

test("a short run that ended before its RUNNING was taken in is RUNNING first, all at the times of the run", async () => {
  const job = await makeJob(bench.database, owner);
  await bench.pass();
  const [simulatingAt, finishedAt] = [ago(40), ago(30)];
  await bench.say(job.id, 1, {
    outcome: SUCCEEDED,
    manifestComplete: true,
    simulatingAt,
    finishedAt,
  });
  await bench.pass();
  expect(await jobRow(job.id)).toMatchObject({
    state: "SUCCEEDED",
    startedAt: simulatingAt,
    finishedAt,
  });
  expect((await timeline(job.id)).slice(1)).toEqual([
    { state: "RUNNING", reason: "Simulating", at: simulatingAt },
    { state: "SUCCEEDED", reason: "Completed", at: finishedAt },
  ]);
  await bench.pass();
  expect(bench.backend.removed).toEqual([attemptName(job.id, 1)]);
  expect(await attemptRow(job.id)).toMatchObject({ logIndex: [], removedAt: expect.any(Date) });
});

test("success without all result files is a failure that says so", async () => {
  const job = await makeJob(bench.database, owner);
  await bench.pass();
  await bench.say(job.id, 1, {
    outcome: SUCCEEDED,
    manifestComplete: false,
    simulatingAt: ago(9),
    finishedAt: ago(1),
  });
  await bench.pass();
  expect(await jobRow(job.id)).toMatchObject({ state: "FAILED", reason: "ResultUploadFailed" });
});

test("three runners that go without a word are three attempts, then the job fails; lines go on counting", async () => {
  const job = await makeJob(bench.database, owner);
  for (const number of [1, 2, 3]) {
    await bench.pass();
    await rows.setJob(bench.database, job.id, { logLines: number * 10 });
    bench.backend.set(attemptName(job.id, number), { phase: "ended", at: ago(5) });
    await bench.pass();
  }
  expect(bench.backend.begun).toEqual([1, 2, 3].map((number) => attemptName(job.id, number)));
  expect(await jobRow(job.id)).toMatchObject({
    state: "FAILED",
    reason: "TooManyDisruptions",
    attempt: 3,
  });
  expect(await attemptRow(job.id, 3)).toMatchObject({ firstLine: 20 });
  expect((await timeline(job.id)).map(({ reason }) => reason)).toEqual([
    "Starting",
    "RunnerLost",
    "RunnerLost",
    "TooManyDisruptions",
  ]);
});

test("a runner whose outcome arrived just before it was seen gone is not lost", async () => {
  const job = await makeJob(bench.database, owner);
  await bench.pass();
  bench.backend.set(attemptName(job.id, 1), { phase: "ended", at: ago(5) });
  bench.backend.obstacle = async (call) => {
    if (call === "remove") {
      await bench.say(job.id, 1, {
        outcome: SUCCEEDED,
        manifestComplete: true,
        simulatingAt: ago(9),
        finishedAt: ago(6),
      });
    }
  };
  await bench.pass();
  bench.backend.obstacle = () => undefined;
  await bench.pass();
  expect(await jobRow(job.id)).toMatchObject({ state: "SUCCEEDED", attempt: 1 });
});

test("a job that cannot be started does not hold up the others", async () => {
  const bad = await makeJob(bench.database, owner);
  const good = await makeJob(bench.database, owner);
  bench.backend.obstacle = (call, name) => {
    if (call === "start" && name?.includes(bad.id)) throw new Error("no process");
  };
  await bench.pass();
  expect(bench.backend.begun).toEqual([attemptName(good.id, 1)]);
  expect((await jobRow(bad.id))?.state).toBe("PENDING");
});

test("a cancel of a queued job is at once; of a started one that never spoke it ends it by force", async () => {
  const [queued, started] = [
    await makeJob(bench.database, owner, { priority: -1 }),
    await makeJob(bench.database, owner),
  ];
  bench.backend.capacity = 1;
  await bench.pass();
  for (const { id } of [queued, started]) {
    await cancelJob(bench.database, owner.scope, id, new Date());
    await cancelJob(bench.database, owner.scope, id, new Date());
  }
  expect(await jobRow(queued.id)).toMatchObject({ state: "CANCELLED", reason: "CancelledByUser" });
  expect(await jobRow(started.id)).toMatchObject({ state: "PENDING", reason: "Cancelling" });
  expect((await attemptRow(started.id))?.stopRequestedAt).toBeInstanceOf(Date);
  await bench.pass();
  expect(await jobRow(started.id)).toMatchObject({ state: "CANCELLED" });
  expect(bench.backend.held.size).toBe(0);
});

test("a runner that does not end within nine seconds of a cancel is ended by force", async () => {
  const job = await makeJob(bench.database, owner);
  await bench.pass();
  await bench.say(job.id, 1, { lastReportAt: new Date() });
  await cancelJob(bench.database, owner.scope, job.id, ago(5));
  await bench.pass();
  expect((await jobRow(job.id))?.state).toBe("PENDING");
  await rows.setJob(bench.database, job.id, { cancelRequestedAt: ago(10) });
  await bench.pass();
  expect((await jobRow(job.id))?.state).toBe("CANCELLED");
});

test("attempts that no job wants are removed: of deleted jobs and older ones", async () => {
  const job = await makeJob(bench.database, owner, { state: "PENDING", attempt: 2 });
  await bench.database.db
    .insert(attempts)
    .values(
      [1, 2].map((number) => ({ jobId: job.id, number, tenantId: job.tenantId, firstLine: 0 })),
    );
  const orphan = attemptName("0198c0de-0000-7000-8000-000000000000", 1);
  for (const name of [attemptName(job.id, 1), attemptName(job.id, 2), orphan])
    bench.backend.set(name, { phase: "active" });
  await bench.pass();
  expect([...bench.backend.held.keys()]).toEqual([attemptName(job.id, 2)]);
});

test("no more is started than the backend takes; who waits is told why, and not written again", async () => {
  bench.backend.capacity = 2;
  const all = await Promise.all(Array.from({ length: 4 }, () => makeJob(bench.database, owner)));
  await bench.pass();
  expect(bench.backend.begun).toHaveLength(2);
  const waiting = (await Promise.all(all.map(({ id }) => jobRow(id)))).filter(
    (job) => job?.state === "QUEUED",
  );
  expect(waiting.map((job) => job?.reason)).toEqual(["NoCapacity", "NoCapacity"]);
  const versions = () =>
    bench.database.sql`select id, xmin::text from jobs where state = 'QUEUED' order by id`;
  const before = [...(await versions())];
  await bench.pass();
  expect([...(await versions())]).toEqual(before);
});

test("a backend that cannot be seen starts nothing and loses nothing, but outcomes are made final", async () => {
  const done = await makeJob(bench.database, owner);
  await bench.pass();
  const late = await makeJob(bench.database, owner);
  await bench.say(done.id, 1, {
    outcome: SUCCEEDED,
    manifestComplete: true,
    simulatingAt: ago(9),
    finishedAt: ago(1),
  });
  bench.backend.obstacle = (call) => {
    if (call === "observe") throw new Error("away");
  };
  await bench.pass();
  expect((await jobRow(done.id))?.state).toBe("SUCCEEDED");
  expect((await jobRow(late.id))?.state).toBe("QUEUED");
});

test("a pass of a leader that was replaced writes nothing", async () => {
  const [queued, started] = [
    await makeJob(bench.database, owner, { priority: -1 }),
    await makeJob(bench.database, owner),
  ];
  bench.backend.capacity = 1;
  await bench.pass();
  await bench.say(started.id, 1, {
    outcome: SUCCEEDED,
    manifestComplete: true,
    simulatingAt: ago(9),
    finishedAt: ago(1),
  });
  await bench.database.db.update(leases).set({ epoch: 99 });
  bench.backend.capacity = 10;
  await bench.pass();
  expect(await jobRow(queued.id)).toMatchObject({ state: "QUEUED", attempt: 0 });
  expect(await jobRow(started.id)).toMatchObject({ state: "PENDING" });
  expect(bench.backend.begun).toHaveLength(1);
});
