import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, apiClient } from "@/tests/support/api";
import { expectWhole, waitForJob } from "@/tests/support/flow";
import { holdAt, type Step } from "@/tests/support/hold";
import { createTenantWithKey, type Portal, startPortal } from "@/tests/support/portal";
import { tinyScenario, zipOf } from "@/tests/support/scenario";

let portal: Portal;
let api: ApiClient;
let archive: Blob;

beforeAll(async () => {
  portal = await startPortal();
  api = apiClient(portal.url, { key: await createTenantWithKey(portal, "city-a") });
  archive = new Blob([await readFile(await zipOf(await tinyScenario({ endSeconds: 40_000 })))]);
}, 300_000);
afterAll(() => portal?.stop());

function submit(idempotencyKey: string) {
  const form = new FormData();
  form.set("scenario_id", idempotencyKey);
  form.set("cpu_request", "1");
  form.set("memory_gi", "1");
  form.set("sumo_files", archive, "scenario.zip");
  return api.call("submitJob", { form, headers: { "idempotency-key": idempotencyKey } });
}

async function submitted(name: string): Promise<string> {
  const { status, body } = await submit(name);
  expect(status).toBe(201);
  return (body as { job_id: string }).job_id;
}

/** Kills the portal while it stands inside `step`, and starts it again. */
async function killAt(step: Step, act: () => Promise<unknown>): Promise<void> {
  const hold = await holdAt(portal.databaseUrl, step);
  const acting = act();
  await Promise.race([hold.reached(), acting.then(() => hold.reached())]);
  await portal.kill("SIGKILL");
  await hold.release();
  await acting.catch(() => undefined); // its connection went with the portal
  await portal.restart();
}

describe("a portal killed with SIGKILL", () => {
  test("while it records a submission: sent again with its key, there is one job", async () => {
    await killAt({ table: "jobs", on: "insert", when: "true" }, () => submit("killed-submit"));
    const first = await submitted("killed-submit");
    const second = await submitted("killed-submit");
    expect(second).toBe(first);
    const { body } = await api.call("listJobs", { query: { q: "killed-submit" } });
    expect((body as { jobs: unknown[] }).jobs).toHaveLength(1);
    expect(await waitForJob(api, first)).toMatchObject({ status: "SUCCEEDED", attempt: 1 });
    await expectWhole(api, first);
  });

  const steps: Record<string, Step> = {
    "while it takes the job from the queue": { table: "attempts", on: "insert", when: "true" },
    "while it notes that the runner was started": {
      table: "attempts",
      on: "update",
      when: "old.started_at is null and new.started_at is not null",
    },
    "while it notes that the simulation runs": {
      table: "jobs",
      on: "update",
      when: "old.state = 'PENDING' and new.state = 'RUNNING'",
    },
    "while it stores log lines": { table: "log_chunks", on: "insert", when: "true" },
    "while it takes in the result files": { table: "result_files", on: "insert", when: "true" },
    "while it takes in the outcome": {
      table: "attempts",
      on: "update",
      when: "old.outcome is null and new.outcome is not null",
    },
    "while it archives the log": {
      table: "attempts",
      on: "update",
      when: "old.log_index is null and new.log_index is not null",
    },
    "while it makes the final state": {
      table: "jobs",
      on: "update",
      when: "old.state = 'RUNNING' and new.state = 'SUCCEEDED'",
    },
    "while it forgets the attempt": {
      table: "attempts",
      on: "update",
      when: "old.removed_at is null and new.removed_at is not null",
    },
  };
  test.each(Object.entries(steps))(
    "%s: the job runs once and ends well",
    async (name, step) => {
      let jobId = "";
      await killAt(step, async () => {
        jobId = await submitted(name.replaceAll(" ", "-"));
      });
      const job = await waitForJob(api, jobId);
      expect(job).toMatchObject({ status: "SUCCEEDED", attempt: 1 });
      await expectWhole(api, jobId);
    },
    120_000,
  );

  test("while it records a cancel: asked again, the job ends cancelled with what it had", async () => {
    const form = new FormData();
    form.set("scenario_id", "killed-cancel");
    form.set(
      "sumo_files",
      new Blob([await readFile(await zipOf(await tinyScenario({ endSeconds: 50_000_000 })))]),
      "long.zip",
    );
    const { body } = await api.call("submitJob", { form });
    const jobId = (body as { job_id: string }).job_id;
    await waitForJob(api, jobId, ({ status }) => status === "RUNNING");
    const when = "old.cancel_requested_at is null and new.cancel_requested_at is not null";
    const cancel = () => api.call("cancelJob", { params: { job_id: jobId } });
    await killAt({ table: "jobs", on: "update", when }, cancel);
    expect((await cancel()).status).toBe(200);
    const job = await waitForJob(api, jobId);
    expect(job).toMatchObject({ status: "CANCELLED", attempt: 1 });
    await expectWhole(api, jobId);
  }, 120_000);

  test("fifty times at random moments with ten jobs under way: none is lost, none runs twice", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) ids.push(await submitted(`random-${n}`));
    const pauses = Array.from({ length: 50 }, () => Math.floor(Math.random() * 1_200));
    for (const pauseMs of pauses) {
      await sleep(pauseMs);
      await portal.kill("SIGKILL");
      await portal.restart();
    }
    for (const id of ids) {
      const job = await waitForJob(api, id);
      expect(job, `kills after ${pauses.join(", ")} ms`).toMatchObject({
        status: "SUCCEEDED",
        attempt: 1,
      });
      await expectWhole(api, id);
    }
  }, 600_000);
});
