import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startEmbeddedPostgres } from "@/lib/db/embedded";
import { apiClient } from "@/tests/support/api";
import { expectWhole, waitForJob } from "@/tests/support/flow";
import {
  createTenantWithKey,
  type Portal,
  startPortal,
  submitArchive,
} from "@/tests/support/portal";
import { tinyScenario, zipOf } from "@/tests/support/scenario";

const cleanUp: (() => unknown)[] = [];
afterAll(async () => {
  for (const step of cleanUp.reverse()) await step();
});

test("while the database is away answers are 503 with a sentence; when it is back the running job ends well by itself", async () => {
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-outage-"));
  cleanUp.push(() => rm(dir, { recursive: true, force: true }));
  const first = await startEmbeddedPostgres(dir, ["fsync=off"]);
  const portal = await startPortal({ databaseUrl: first.url });
  cleanUp.push(() => portal.stop());
  const key = await createTenantWithKey(portal, "city-a");
  const api = apiClient(portal.url, { key });
  const archive = await zipOf(await tinyScenario({ endSeconds: 250_000 }));
  const { job_id: jobId } = await submitArchive(portal, key, archive);
  await waitForJob(api, jobId, ({ status }) => status === "RUNNING");

  await first.stop();
  const away = await api.call("getJob", { params: { job_id: jobId } });
  expect(away).toMatchObject({
    status: 503,
    body: { detail: expect.stringContaining("database") as string },
  });
  expect(away.headers.get("retry-after")).not.toBeNull();
  expect(await api.call("getHealth", {})).toMatchObject({
    status: 503,
    body: { status: "unhealthy" },
  });
  expect((await api.call("getReadiness", {})).status).toBe(503);

  const again = await startEmbeddedPostgres(dir, ["fsync=off"]);
  cleanUp.push(() => again.stop());
  expect(again.url).toBe(first.url);
  expect(await waitForJob(api, jobId)).toMatchObject({ status: "SUCCEEDED", attempt: 1 });
  await expectWhole(api, jobId);
  expect((await api.call("getReadiness", {})).status).toBe(200);
}, 240_000);

const canMount = process.getuid?.() === 0;

test.runIf(canMount)(
  "with a full disk an upload is 503 with a sentence, nothing is left behind, and it works again when there is room",
  async () => {
    const dir = await mkdtemp(join(tmpdir(), "sumo-k8-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", dir]);
    cleanUp.push(() => {
      execFileSync("umount", ["-l", dir]);
      return rm(dir, { recursive: true, force: true });
    });
    const portal: Portal = await startPortal({ dataDir: dir });
    cleanUp.push(() => portal.stop());
    const key = await createTenantWithKey(portal, "city-a");
    const api = apiClient(portal.url, { key });
    const filler = join(dir, "filler");
    await writeFile(filler, randomBytes(140 * 2 ** 20));
    const big = await zipOf({ ...(await tinyScenario()), "big.bin": randomBytes(40 * 2 ** 20) });
    await expect(submitArchive(portal, key, big)).rejects.toThrow(/503.*disk is full/s);
    const { body } = await api.call("listJobs", {});
    expect((body as { jobs: unknown[] }).jobs).toEqual([]);

    await rm(filler);
    const { job_id: jobId } = await submitArchive(portal, key, await zipOf(await tinyScenario()));
    expect(await waitForJob(api, jobId)).toMatchObject({ status: "SUCCEEDED" });
  },
  240_000,
);
