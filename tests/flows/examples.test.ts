import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Kpis } from "@/lib/domain/kpis";
import { type ApiClient, apiClient } from "@/tests/support/api";
import { expectWhole, waitForJob } from "@/tests/support/flow";
import {
  createTenantWithKey,
  type Portal,
  startPortal,
  submitArchive,
  submitExample,
} from "@/tests/support/portal";

const UPLOADS = "../shared/scenarios";
let portal: Portal;
let key: string;
let api: ApiClient;

beforeAll(async () => {
  portal = await startPortal();
  key = await createTenantWithKey(portal, "city-a");
  api = apiClient(portal.url, { key });
}, 300_000);
afterAll(() => portal?.stop());

async function kpisOf(jobId: string): Promise<Kpis> {
  const job = await waitForJob(api, jobId, undefined, 240_000);
  expect(job).toMatchObject({ status: "SUCCEEDED", attempt: 1 });
  await expectWhole(api, jobId);
  return (job as unknown as { kpis: Kpis }).kpis;
}

describe("the examples end through the portal as their lines say", () => {
  test("town-morning is healthy", async () => {
    const { job_id: id } = await submitExample(portal, key, "town-morning", { seed: "42" });
    const kpis = await kpisOf(id);
    expect(kpis.vehicles_inserted).toBeGreaterThan(2_000);
    expect(kpis).toMatchObject({ vehicles_running: 0, vehicles_waiting: 0 });
    // Above one in a hundred, engineers no longer trust a run.
    expect(kpis.teleports).toBeLessThan(43);
  }, 260_000);

  test("gridlock ends with vehicles that never got through", async () => {
    const { job_id: id } = await submitExample(portal, key, "gridlock");
    const kpis = await kpisOf(id);
    expect((kpis.vehicles_running ?? 0) + (kpis.vehicles_waiting ?? 0)).toBeGreaterThan(100);
  }, 260_000);

  test("collisions has collisions and teleports", async () => {
    const { job_id: id } = await submitExample(portal, key, "collisions");
    const kpis = await kpisOf(id);
    expect(kpis.collisions).toBeGreaterThan(0);
    expect(kpis.teleports).toBeGreaterThan(0);
  }, 260_000);
});

describe.runIf(existsSync(UPLOADS))("real uploads through the portal", () => {
  test("bologna-acosta ends well", async () => {
    const { job_id: id } = await submitArchive(portal, key, `${UPLOADS}/bologna-acosta.zip`);
    expect((await kpisOf(id)).vehicles_inserted).toBe(8_779);
  }, 260_000);

  test("Doerpfeldstr is refused, naming the network that is missing", async () => {
    const submission = submitArchive(portal, key, `${UPLOADS}/Doerpfeldstr.zip`);
    await expect(submission).rejects.toThrow(/422.*net\.net\.xml\.gz/s);
  });

  test("cross is refused with what to do", async () => {
    const submission = submitArchive(portal, key, `${UPLOADS}/cross.zip`);
    await expect(submission).rejects.toThrow(/422.*sumocfg/s);
  });
});
