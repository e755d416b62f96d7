import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdminScope } from "@/lib/domain/tenant";
import { cancelJob } from "@/lib/jobs/cancel/cancel";
import { moveJob } from "@/lib/jobs/store";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { makeJob, makeTenant } from "@/tests/support/jobs";
import { cancelAnyJob, pageOfAllJobs } from "./jobs";
import { getAnyJob } from "./store";

const admin = { actor: "admin:test" } as AdminScope;
const NOW = new Date("2026-03-01T10:00:00Z");
const OURS = { firstGeneration: false };
let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

describe("a job that an administrator cancels", () => {
  test("ends at once while it waits, and says who did it", async () => {
    const { id } = await makeJob(database, await makeTenant(database));
    const view = await cancelAnyJob(database, admin, id, NOW, OURS);
    expect(view).toMatchObject({ status: "CANCELLED", reason: "CancelledByAdmin" });
    expect(await cancelAnyJob(database, admin, id, NOW, { firstGeneration: true })).toMatchObject({
      status: "FAILED",
      error: "Cancelled before it started.",
    });
  });

  test("says who did it when the runner ended it later, and one by its tenant does not", async () => {
    const tenant = await makeTenant(database);
    const byAdmin = await makeJob(database, tenant, { state: "RUNNING", attempt: 1 });
    const byTenant = await makeJob(database, tenant, { state: "RUNNING", attempt: 1 });
    await cancelAnyJob(database, admin, byAdmin.id, NOW, OURS);
    await cancelJob(database, tenant.scope, byTenant.id, NOW);
    const reasons = [];
    for (const { id } of [byAdmin, byTenant]) {
      const job = await getAnyJob(database.db, admin, id);
      const move = { reason: "CancelledByUser", message: null, at: NOW, actor: "runner" } as const;
      expect(await moveJob(database.db, job, "CANCELLED", move)).toBe(true);
      reasons.push((await getAnyJob(database.db, admin, id)).reason);
    }
    expect(reasons).toEqual(["CancelledByAdmin", "CancelledByUser"]);
  });

  test("that is not there is NOT_FOUND, in whatever form its id is", async () => {
    for (const id of ["01900000-0000-7000-8000-000000000000", "x"]) {
      await expect(cancelAnyJob(database, admin, id, NOW, OURS)).rejects.toMatchObject({
        code: "NOT_FOUND",
        message: "Job not found.",
      });
    }
  });
});

test("all tenants' jobs are listed by pages, by tenant and by state, each with its namespace", async () => {
  const [one, two] = [await makeTenant(database), await makeTenant(database)];
  for (let n = 0; n < 3; n += 1) await makeJob(database, one);
  await makeJob(database, two, { state: "FAILED" });
  const tenant = one.scope.tenantId;
  const first = await pageOfAllJobs(database, admin, { tenant, limit: 2 }, OURS);
  expect(first).toMatchObject({ total: 3, jobs: [{ namespace: `sumo-${tenant}` }, {}] });
  const cursor = first.next_cursor ?? undefined;
  const second = await pageOfAllJobs(database, admin, { tenant, limit: 2, cursor }, OURS);
  expect(second).toMatchObject({ total: 3, next_cursor: null, jobs: [{}] });
  const ids = [...first.jobs, ...second.jobs].map(({ job_id }) => job_id);
  expect(ids).toEqual([...new Set(ids)].toSorted().toReversed());
  const failed = await pageOfAllJobs(database, admin, { status: "FAILED", limit: 50 }, OURS);
  expect(failed.jobs.map(({ tenant_id }) => tenant_id)).toEqual([two.scope.tenantId]);
});
