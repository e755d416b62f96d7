import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Portal, startPortal } from "@/tests/support/portal";
import { tinyScenario, zipOf } from "@/tests/support/scenario";

let portal: Portal;
let key: string;
let registered: Answer;

beforeAll(async () => {
  portal = await startPortal();
  registered = await admin("POST", "/auth/register", {
    tenant_id: "old-city",
    max_cpu: 8,
    max_memory_gi: 16,
    max_concurrent_jobs: 2,
  });
  key = (registered.body as { api_key: string }).api_key;
}, 300_000);
afterAll(() => portal?.stop());

type Answer = { readonly status: number; readonly body: unknown };

/** Just what a script of the first generation sends: no /api, its two headers, its form. */
async function send(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`${portal.url}${path}`, init);
  return { status: response.status, body: await response.json() };
}

function admin(method: string, path: string, body?: unknown): Promise<Answer> {
  const headers = { "X-Admin-Key": portal.adminKey, "content-type": "application/json" };
  return send(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function tenant(method: string, path: string, body?: FormData): Promise<Answer> {
  return send(path, {
    method,
    headers: { Authorization: `Bearer ${key}` },
    ...(body ? { body } : {}),
  });
}

async function submit(endSeconds: number, authorization: string): Promise<string> {
  const form = new FormData();
  form.set("scenario_id", "morning peak");
  form.set("cpu_request", "1");
  form.set("memory_gi", "1");
  form.set("task_token", "opaque");
  const zip = await readFile(await zipOf(await tinyScenario({ endSeconds })));
  form.set("sumo_files", new Blob([zip], { type: "application/zip" }), "scenario.zip");
  const { status, body } = await send("/jobs", {
    method: "POST",
    headers: { Authorization: authorization },
    body: form,
  });
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  expect(body).toMatchObject({
    job_id: expect.any(String) as string,
    status: "QUEUED",
    config_file: "run.sumocfg",
  });
  return (body as { job_id: string }).job_id;
}

async function waitUntil(
  jobId: string,
  statuses: readonly string[],
): Promise<Record<string, unknown>> {
  for (let n = 0; n < 300; n++) {
    const { body } = await tenant("GET", `/jobs/${jobId}`);
    const job = body as Record<string, unknown>;
    if (statuses.includes(job.status as string)) return job;
    await sleep(200);
  }
  throw new Error(`job ${jobId} did not become ${statuses.join(" or ")}`);
}

describe("a script of the first generation", () => {
  test("registers a tenant and gets its key", () => {
    expect(registered.body).toMatchObject({
      tenant_id: "old-city",
      namespace: expect.stringMatching(/^sim-old-city-/) as string,
      max_cpu: 8,
      max_memory_gi: 16,
      max_concurrent_jobs: 2,
      created_at: expect.any(String) as string,
    });
  });

  test("submits, waits, reads log, stream, results and dashboard by the old paths and names", async () => {
    const jobId = await submit(3_600, `Bearer ${key}`);
    const early = await tenant("GET", `/jobs/${jobId}/results`);
    expect(early.body).toMatchObject({
      job_id: jobId,
      results: null,
      message: expect.any(String) as string,
    });
    const job = await waitUntil(jobId, ["SUCCEEDED", "FAILED"]);
    expect(job).toMatchObject({
      job_id: jobId,
      status: "SUCCEEDED",
      scenario_id: "morning peak",
      tenant_id: "old-city",
      cpu_request: 1,
      memory_gi: 1,
      error: null,
    });
    expect(job.finished_at).toBe(job.completed_at);
    expect(Date.parse(job.started_at as string)).toBeGreaterThanOrEqual(
      Date.parse(job.submitted_at as string),
    );

    const logs = (await tenant("GET", `/jobs/${jobId}/logs`)).body as {
      logs: string;
      pod_name: string;
    };
    expect(logs.logs).toContain("Simulation ended at time: 3600");
    expect(logs.pod_name).toContain(jobId);

    const stream = await fetch(`${portal.url}/jobs/${jobId}/logs/stream`, {
      headers: { Authorization: key },
    });
    const events = (await stream.text())
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice(6)) as Record<string, unknown>);
    expect(events[0]).toMatchObject({
      pod: expect.any(String) as string,
      phase: expect.any(String) as string,
    });
    expect(events.at(-1)).toMatchObject({
      status: "SUCCEEDED",
      message: expect.any(String) as string,
    });
    expect(events.some(({ message }) => String(message).startsWith("Simulation ended"))).toBe(true);

    const results = (await tenant("GET", `/jobs/${jobId}/results`)).body as Record<string, unknown>;
    expect(results).toMatchObject({ job_id: jobId, storage_type: expect.any(String) as string });
    expect(JSON.stringify(results.files)).toContain("sumo-k8/statistics.xml");
    expect(JSON.stringify(results.files)).not.toContain("grid.net.xml");

    const dashboard = (await tenant("GET", "/tenants/me/dashboard")).body as Record<
      string,
      unknown
    >;
    expect(dashboard).toMatchObject({
      tenant_id: "old-city",
      plan_limits: { max_cpu: 8, max_memory_gi: 16, max_concurrent_jobs: 2 },
      stats: { succeeded: 1, failed: 0, queued: 0, pending: 0, running: 0 },
    });
    expect((dashboard.current_usage as Record<string, unknown>)["requests.cpu"]).toEqual(
      expect.any(String),
    );
  }, 120_000);

  test("knows no CANCELLED: on the old paths it reads FAILED, with an error that says so", async () => {
    const jobId = await submit(50_000_000, key);
    await waitUntil(jobId, ["RUNNING"]);
    const headers = { Authorization: `Bearer ${key}` };
    const cancelled = await fetch(`${portal.url}/api/jobs/${jobId}/cancel`, {
      method: "POST",
      headers,
    });
    expect(cancelled.status).toBe(200);
    const job = await waitUntil(jobId, ["FAILED", "SUCCEEDED", "CANCELLED"]);
    expect(job).toMatchObject({
      status: "FAILED",
      error: expect.stringMatching(/^Cancelled/) as string,
    });
    const now = (await tenant("GET", `/api/jobs/${jobId}`)).body;
    expect(now).toMatchObject({ status: "CANCELLED" });
  }, 120_000);

  test("reads every error's words in `detail`", async () => {
    const missing = await tenant("GET", "/jobs/0197a000-0000-7000-8000-000000000000");
    expect(missing).toMatchObject({
      status: 404,
      body: { detail: expect.stringMatching(/job/i) as string },
    });
    const wrong = await send("/jobs/x", { headers: { Authorization: "Bearer nonsense" } });
    expect(wrong).toMatchObject({ status: 401, body: { detail: expect.any(String) as string } });
    const unknown = await admin("GET", "/auth/tenants/nobody");
    expect(unknown).toMatchObject({
      status: 404,
      body: { detail: expect.stringMatching(/tenant/i) as string },
    });
  });

  test("administers: tenants, keys, limits, cluster, jobs, activity and warm-up", async () => {
    const again = await admin("POST", "/auth/register", {
      tenant_id: "old-city",
      max_cpu: 1,
      max_memory_gi: 1,
      max_concurrent_jobs: 1,
    });
    expect(again.status).toBe(409);
    const { body: list } = await admin("GET", "/auth/tenants");
    expect(JSON.stringify(list)).toContain("old-city");
    expect(JSON.stringify(list)).not.toContain("api_key");
    const changed = await admin(
      "PATCH",
      "/auth/tenants/old-city?max_cpu=6&max_memory_gi=12&max_concurrent_jobs=3",
    );
    expect(changed.body).toMatchObject({ max_cpu: 6, max_memory_gi: 12, max_concurrent_jobs: 3 });

    const cluster = (await admin("GET", "/admin/cluster")).body as {
      nodes: Record<string, unknown>[];
      total_nodes: number;
    };
    expect(cluster.total_nodes).toBe(1);
    expect(cluster.nodes[0]).toMatchObject({
      name: expect.any(String) as string,
      status: ["Ready"],
      capacity: { cpu: expect.any(String) as string, memory: expect.any(String) as string },
      pods_running: expect.any(Number) as number,
    });
    const jobs = (await admin("GET", "/admin/jobs?status=SUCCEEDED")).body as {
      jobs: Record<string, unknown>[];
      total: number;
    };
    expect(jobs.total).toBe(1);
    expect(jobs.jobs[0]).toMatchObject({
      tenant_id: "old-city",
      status: "SUCCEEDED",
      k8s_status: null,
    });
    const activity = (await admin("GET", "/admin/activity")).body;
    expect(activity).toMatchObject({
      timestamp: expect.any(String) as string,
      db_jobs: expect.any(Object) as object,
    });
    const warmup = (
      await admin("POST", "/admin/warmup?cpu_request=2&memory_gi=4&keep_alive_seconds=60")
    ).body;
    expect(warmup).toMatchObject({
      warmup_id: expect.any(String) as string,
      message: expect.any(String) as string,
    });
    const { body: warmups } = await admin("GET", "/admin/warmup/status");
    expect(warmups).toMatchObject({ warmup_jobs: expect.any(Array) as unknown[] });

    const { body: renewed } = await admin("POST", "/auth/regenerate-key", {
      tenant_id: "old-city",
    });
    const old = key;
    key = (renewed as { api_key: string }).api_key;
    expect((await send("/jobs", { headers: { Authorization: `Bearer ${old}` } })).status).toBe(401);
    expect((await tenant("GET", "/tenants/me/dashboard")).status).toBe(200);
  });

  test("asks health and ready without a key", async () => {
    expect(await send("/health", {})).toMatchObject({
      status: 200,
      body: { status: "healthy", db_available: true, timestamp: expect.any(String) as string },
    });
    expect(await send("/ready", {})).toMatchObject({ status: 200, body: { status: "ready" } });
  });
});
