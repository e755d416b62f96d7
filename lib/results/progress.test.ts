import { afterAll, beforeAll, expect, test } from "vitest";
import { progressPoints } from "@/lib/db/schema";
import { insertAttempt, openPortalParts, type PortalParts } from "@/tests/support/attempts";
import { MAX_POINTS, toProgressView } from "./progress";
import { listProgress } from "./store";

let portal: PortalParts;
beforeAll(async () => {
  portal = await openPortalParts();
});
afterAll(() => portal.dispose());

const begin = Date.UTC(2026, 10, 24);

async function jobWithPoints(count: number) {
  const { job } = await insertAttempt(portal);
  const rows = Array.from({ length: count }, (_, index) => ({
    jobId: job.id,
    attempt: 1,
    seq: index + 1,
    at: new Date(begin + index * 1_000),
    progress: {
      time_seconds: index,
      begin_seconds: 0,
      end_seconds: null,
      end_is_estimate: false,
      percent: null,
      running: 0,
      waiting: 0,
      mean_speed: null,
      teleports: 0,
      real_time_factor: null,
      remaining_seconds: null,
    },
  }));
  for (let at = 0; at < count; at += 5_000) {
    await portal.database.db.insert(progressPoints).values(rows.slice(at, at + 5_000));
  }
  return job;
}

test("a short series is whole; a long one keeps its ends and is evenly thinned", async () => {
  const { db } = portal.database;
  const times = async (count: number) => {
    const job = await jobWithPoints(count);
    return toProgressView(job, await listProgress(db, job, MAX_POINTS)).points.map(
      (point) => point.time_seconds,
    );
  };
  expect(await times(0)).toEqual([]);
  expect(await times(1_999)).toEqual(Array.from({ length: 1_999 }, (_, index) => index));
  const long = await times(6_000);
  expect(long.length).toBeLessThanOrEqual(MAX_POINTS);
  expect(long.length).toBeGreaterThan(MAX_POINTS / 2);
  expect([long[0], long[1], long.at(-1)]).toEqual([0, 4, 5_999]);
});

test("another tenant's job has no progress", async () => {
  const job = await jobWithPoints(5);
  expect(
    await listProgress(portal.database.db, { ...job, tenantId: "somebody-else" }, MAX_POINTS),
  ).toEqual([]);
});
