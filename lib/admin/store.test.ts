import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordActivity } from "@/lib/activity/store";
import type { JobState } from "@/lib/domain/job-state";
import type { AdminScope } from "@/lib/domain/tenant";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { toSeries } from "./series";
import { listActivity, listBuckets } from "./store";

const admin = { actor: "admin:test" } as AdminScope;
const NOW = new Date("2026-03-01T10:10:00Z");
let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

function minutesAgo(minutes: number): Date {
  return new Date(NOW.getTime() - minutes * 60_000);
}

async function record(jobId: string, states: readonly (readonly [number, JobState])[]) {
  for (const [minutes, state] of states) {
    const action = state === "QUEUED" ? "job.submitted" : "job.state";
    await recordActivity(database.db, {
      tenantId: "t",
      jobId,
      actor: "portal",
      action,
      state,
      at: minutesAgo(minutes),
    });
  }
}

test("the series counts submissions, ends, and the queue's depth, also of jobs from before its begin", async () => {
  await record(randomUUID(), [
    [3_000, "QUEUED"],
    [65, "PENDING"],
    [64, "RUNNING"],
    [35, "FAILED"],
  ]);
  await record(randomUUID(), [
    [38, "QUEUED"],
    [37, "PENDING"],
    [36, "RUNNING"],
    [34, "PENDING"],
  ]);
  await record(randomUUID(), [[5, "QUEUED"]]);
  const series = toSeries(await listBuckets(database, admin, NOW), 1, NOW).slice(-4);
  expect(series.map(({ submitted }) => submitted)).toEqual([0, 0, 1, 1]);
  expect(series.map(({ finished }) => finished)).toEqual([0, 0, 1, 0]);
  expect(series.map(({ queued }) => queued)).toEqual([1, 0, 0, 1]);
});

test("the record is read newest first, by pages", async () => {
  const [newest, second] = await listActivity(database.db, admin, { limit: 2 });
  expect(newest?.id).toBeGreaterThan(second?.id ?? 0);
  const [after] = await listActivity(database.db, admin, { limit: 1, before: second?.id });
  expect(after?.id).toBeLessThan(second?.id ?? 0);
  expect(await listActivity(database.db, admin, { limit: 1, tenant: "nobody" })).toEqual([]);
});
