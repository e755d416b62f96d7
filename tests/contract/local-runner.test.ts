import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { attemptName } from "@/lib/domain/attempt";
import { LocalBackend } from "@/lib/execution/local/backend";
import { runnerBundle } from "@/tests/support/runner-bundle";
import { RunnerPortal } from "@/tests/support/runner-portal";
import { tinyScenario } from "@/tests/support/scenario";

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function startRun(
  files: Readonly<Record<string, string | Buffer>>,
  options: ConstructorParameters<typeof RunnerPortal>[2] & { sumoBinary?: string } = {},
) {
  const dir = mkdtempSync(join(tmpdir(), "sumo-k8-runs-"));
  const jobId = randomUUID();
  const name = attemptName(jobId, 1);
  const portal = await new RunnerPortal(name, files, options).open();
  const backend = new LocalBackend({
    dir,
    listenersDir: portal.listenersDir,
    sumoBinary: options.sumoBinary ?? "sumo",
    sumoHome: "/usr/share/sumo",
    capacity: 2,
    runner: await runnerBundle(),
  });
  const ref = { name, namespace: "t" };
  const spec = {
    ...ref,
    jobId,
    tenantId: "t",
    number: 1,
    token: "the-token",
    cpu: 1,
    memoryMib: 512,
    diskMib: 512,
    timeLimitSeconds: 600,
  };
  open.push(async () => {
    await backend.remove(ref);
    await portal.end();
    await rm(dir, { recursive: true, force: true });
  });
  await backend.start(spec);
  return { portal, backend, ref, name, dir: join(dir, name) };
}

test("a scenario runs to its end, and its lines, progress and results arrive", async () => {
  const { portal } = await startRun(await tinyScenario());
  const finish = await portal.finished();
  expect(finish.outcome).toEqual({
    state: "SUCCEEDED",
    reason: "Completed",
    message: "The final simulation step has been reached.",
    exit_code: 0,
    signal: null,
  });
  expect(finish.files.map(({ path }) => path)).toEqual([
    "sumo-k8/edgedata.add.xml",
    "sumo-k8/edgedata.xml",
    "sumo-k8/resolved.sumocfg",
    "sumo-k8/statistics.xml",
    "sumo-k8/summary.xml",
    "sumo-k8/tripinfo.xml",
  ]);
  expect(portal.file("sumo-k8/statistics.xml")).toContain("<vehicleTripStatistics");
  const last = portal.reports.at(-1);
  expect(last?.phases.map(({ phase }) => phase)).toEqual([
    "DownloadingInputs",
    "CheckingInputs",
    "Simulating",
    "UploadingResults",
  ]);
  expect(last?.progress).toMatchObject({ time_seconds: 600, percent: 100, end_is_estimate: false });
  expect(last?.sumo_version).toMatch(/^\d+\.\d+/);
  expect(last?.command).toContain("--seed");
  expect(portal.lines.map(([, , , text]) => text)).toContain(
    "Reason: The final simulation step has been reached.",
  );
  expect(portal.lines.filter(([, , , text]) => text.includes("Step #"))).toEqual([]);
  expect(portal.reports.map(({ seq }) => seq)).toEqual(portal.reports.map((_, at) => at + 1));
});
