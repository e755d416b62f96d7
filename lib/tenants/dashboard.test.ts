import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { makeJob, makeTenant } from "@/tests/support/jobs";
import { readDashboard, toDashboardView } from "./dashboard";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test("the dashboard counts all jobs, shows the newest 20, and adds up what runs as Kubernetes would", async () => {
  const tenant = await makeTenant(database, { storedBytes: 3 * 2 ** 20 });
  await makeJob(database, await makeTenant(database), { state: "RUNNING" });
  for (let n = 0; n < 22; n += 1) await makeJob(database, tenant, { state: "SUCCEEDED" });
  await makeJob(database, tenant, { state: "CANCELLED" });
  await makeJob(database, tenant, { state: "RUNNING", cpu: 3, memoryMib: 1_024 });
  const newest = await makeJob(database, tenant, { state: "PENDING", cpu: 1, memoryMib: 512 });
  const dashboard = await readDashboard(database.db, tenant.scope);
  const view = toDashboardView(dashboard, { firstGeneration: false });
  expect(view).toMatchObject({
    plan_limits: { max_cpu: 64, max_memory_gi: 256, max_concurrent_jobs: 10 },
    current_usage: {
      "requests.cpu": "4",
      "requests.memory": "1536Mi",
      "requests.storage": "3Mi",
      pods: "2",
    },
    running_pods: 1,
    stats: { queued: 0, pending: 1, running: 1, succeeded: 22, failed: 0, cancelled: 1 },
  });
  expect(view.recent_jobs).toHaveLength(20);
  expect(view.recent_jobs[0]?.job_id).toBe(newest.id);
});

test("on the first generation's path a cancelled job reads and counts as failed", async () => {
  const tenant = await makeTenant(database);
  await makeJob(database, tenant, { state: "CANCELLED" });
  const dashboard = await readDashboard(database.db, tenant.scope);
  const view = toDashboardView(dashboard, { firstGeneration: true });
  expect(view.recent_jobs[0]?.status).toBe("FAILED");
  expect(view.stats).toMatchObject({ failed: 1, cancelled: 0 });
});
