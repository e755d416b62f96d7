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

let portal: Portal;
let key: string;
let api: ApiClient;

beforeAll(async () => {
  portal = await startPortal();
  key = await createTenantWithKey(portal, "city-a");
  api = apiClient(portal.url, { key });
}, 300_000);
afterAll(() => portal?.stop());

test("on SIGTERM streams say bye, the portal is gone within 10 s, and the simulation goes on to its end", async () => {
  const archive = await zipOf(await tinyScenario({ endSeconds: 250_000 }));
  const { job_id: jobId } = await submitArchive(portal, key, archive);
  await waitForJob(api, jobId, ({ status }) => status === "RUNNING");
  const stream = await fetch(`${portal.url}/api/jobs/${jobId}/logs/stream`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const text = stream.text();
  const askedAt = Date.now();
  await portal.kill("SIGTERM");
  expect(Date.now() - askedAt).toBeLessThan(10_000);
  expect(await text).toContain("event: bye");
  await portal.restart();
  expect(await waitForJob(api, jobId)).toMatchObject({ status: "SUCCEEDED", attempt: 1 });
  await expectWhole(api, jobId);
}, 180_000);
