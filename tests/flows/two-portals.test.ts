import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, apiClient } from "@/tests/support/api";
import { expectWhole, waitForJob } from "@/tests/support/flow";
import {
  createTenantWithKey,
  type Portal,
  startPortal,
  submitArchive,
} from "@/tests/support/portal";
import { tinyScenario, zipOf } from "@/tests/support/scenario";

let first: Portal;
let second: Portal;
let key: string;
let api: ApiClient;

beforeAll(async () => {
  first = await startPortal();
  second = await startPortal({ databaseUrl: first.databaseUrl, dataDir: first.dataDir });
  key = await createTenantWithKey(first, "city-a");
  api = apiClient(second.url, { key });
}, 300_000);
afterAll(async () => {
  await first?.stop();
  await second?.stop();
});

async function leaseEpoch(): Promise<number> {
  const sql = postgres(first.databaseUrl, { max: 1 });
  const [row] = await sql<{ epoch: string }[]>`select epoch from leases where expires_at > now()`;
  await sql.end();
  return Number(row?.epoch ?? 0);
}

test("of two portals on one database and one folder one leads, and when it is killed the other leads within 15 s", async () => {
  const archive = await zipOf(await tinyScenario({ endSeconds: 250_000 }));
  const before = await leaseEpoch();
  expect(before).toBeGreaterThan(0);
  const running = await submitArchive(first, key, archive, { scenario_id: "running" });
  await waitForJob(api, running.job_id, ({ status }) => status === "RUNNING");

  await first.kill("SIGKILL");
  const killedAt = Date.now();
  const queued = await submitArchive(second, key, archive, { scenario_id: "after" });
  await waitForJob(api, queued.job_id, ({ status }) => status !== "QUEUED", 15_000);
  expect(Date.now() - killedAt).toBeLessThan(15_000);
  expect(await leaseEpoch()).toBe(before + 1);

  for (const { job_id } of [running, queued]) {
    expect(await waitForJob(api, job_id)).toMatchObject({ status: "SUCCEEDED", attempt: 1 });
    await expectWhole(api, job_id);
  }
}, 240_000);
