import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { NOTIFY_CHANNEL } from "@/lib/activity/store";
import type { RunnerListener } from "@/lib/attempts/listener";
import { startRunnerListener } from "@/lib/attempts/listener";
import { parseEnv } from "@/lib/config/env";
import { LocalBackend } from "@/lib/execution/local/backend";
import { Hub } from "@/lib/hub";
import { cancelJob } from "@/lib/jobs/cancel/cancel";
import { getJobView } from "@/lib/jobs/detail/store";
import { parseSubmission } from "@/lib/jobs/submit/submission";
import { submitJob } from "@/lib/jobs/submit/submit";
import { listEvents } from "@/lib/jobs/timeline/list";
import { createLog } from "@/lib/log";
import { createMetrics } from "@/lib/metrics";
import { FileArtifactStore } from "@/lib/storage/file-store";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { makeTenant } from "@/tests/support/jobs";
import { runnerBundle } from "@/tests/support/runner-bundle";
import { tinyScenario, zipOf } from "@/tests/support/scenario";
import type { ReconcilerDeps } from "./apply";
import { startReconciler } from "./start";

let dir: string;
let database: TestDatabase;
let deps: ReconcilerDeps;
let listener: RunnerListener;
let reconcilers: { stop(): Promise<void> }[];
let owner: Awaited<ReturnType<typeof makeTenant>>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sumo-k8-flow-"));
  database = await openTestDatabase();
  const hub = new Hub();
  await database.sql.listen(NOTIFY_CHANNEL, () => hub.emit("reconcile"));
  deps = {
    env: parseEnv({ DATABASE_URL: database.url, SUMO_K8_DATA_DIR: dir }),
    attemptSecret: "a secret of the tests",
    log: createLog("error"),
    database,
    store: new FileArtifactStore(join(dir, "files")),
    backend: new LocalBackend({
      dir: join(dir, "runs"),
      listenersDir: join(dir, "listeners"),
      sumoBinary: "sumo",
      sumoHome: "/usr/share/sumo",
      capacity: 2,
      runner: await runnerBundle(),
    }),
    hub,
    metrics: createMetrics(),
  };
  listener = await startRunnerListener(deps);
  reconcilers = [startReconciler(deps), startReconciler(deps)];
  owner = await makeTenant(database);
});
afterAll(async () => {
  await Promise.all(reconcilers.map((one) => one.stop()));
  await listener.close();
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

async function submit(endSeconds: number) {
  const path = await zipOf(await tinyScenario({ endSeconds }));
  const sha256 = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  const file = { path, fileName: "s.zip", sizeBytes: (await stat(path)).size, sha256 };
  const submission = parseSubmission({ scenario_id: "flow", cpu_request: 1, memory_gi: 1 }, true);
  return submitJob(deps, owner.scope, { submission, file, idempotencyKey: undefined });
}
const view = (id: string) => getJobView(database, owner.scope, id, {});
const until = (id: string, states: readonly string[]) =>
  vi.waitFor(async () => expect(states).toContain((await view(id)).status), {
    timeout: 25_000,
    interval: 100,
  });
const statesOf = async (id: string) =>
  (await listEvents(database, { id, tenantId: owner.scope.tenantId })).events.flatMap(
    ({ action, state }) => (action === "job.state" && state ? [state] : []),
  );

test("a submitted scenario runs in SUMO and succeeds, each state entered once, with the record of the run", async () => {
  const { job_id: id } = await submit(600);
  await until(id, ["SUCCEEDED", "FAILED"]);
  const job = await view(id);
  expect(job).toMatchObject({ status: "SUCCEEDED", attempt: 1, kpis: { teleports: 0 } });
  expect(job.command).toContain("--seed");
  expect(job.result_files.length).toBeGreaterThan(0);
  expect(await statesOf(id)).toEqual(["PENDING", "RUNNING", "SUCCEEDED"]);
  await vi.waitFor(async () => expect((await deps.backend.observe()).size).toBe(0), 10_000);
});

test("a running simulation that is cancelled ends within ten seconds and keeps what it has", async () => {
  const { job_id: id } = await submit(100_000_000);
  await until(id, ["RUNNING", "FAILED"]);
  const askedAt = new Date();
  await cancelJob(database, owner.scope, id, askedAt);
  await until(id, ["CANCELLED", "FAILED"]);
  const job = await view(id);
  expect(job).toMatchObject({ status: "CANCELLED", reason: "CancelledByUser" });
  expect(Date.parse(job.finished_at ?? "") - askedAt.getTime()).toBeLessThan(10_000);
  expect(job.result_files.length).toBeGreaterThan(0);
  await vi.waitFor(async () => expect((await deps.backend.observe()).size).toBe(0), 10_000);
});
