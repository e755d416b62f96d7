import { existsSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import type { Finish } from "@/lib/domain/runner-protocol";
import { type LocalAttempt, startedAttempt } from "@/tests/support/local-attempt";
import { tinyScenario } from "@/tests/support/scenario";

const ENDLESS = 1_000 * 86_400;
const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end();
});

const paths = ({ files }: Finish) => files.map(({ path }) => path);

async function simulating({ portal }: LocalAttempt): Promise<void> {
  await portal.until(() => portal.reports.at(-1)?.progress != null, "progress");
}

/** The process of SUMO: the one beside the runner. */
async function sumoPid(attempt: LocalAttempt): Promise<number> {
  const runner = await attempt.runnerPid();
  const pid = (await attempt.processes()).find((found) => found !== runner);
  if (!pid) throw new Error("SUMO does not run.");
  return pid;
}

async function untilEnded(attempt: LocalAttempt): Promise<void> {
  for (const end = Date.now() + 10_000; (await attempt.processes()).length > 0; ) {
    if (Date.now() > end) throw new Error("Processes are left.");
    await new Promise((done) => setTimeout(done, 20));
  }
}

test("a scenario runs to its end, and its lines, progress and results arrive", async () => {
  const { portal } = await startedAttempt(cleanUp, await tinyScenario());
  const finish = await portal.finished();
  expect(finish.outcome).toEqual({
    state: "SUCCEEDED",
    reason: "Completed",
    message: "The final simulation step has been reached.",
    exit_code: 0,
    signal: null,
  });
  expect(paths(finish)).toEqual([
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
  expect(last?.progress).toMatchObject({
    time_seconds: 600,
    percent: 100,
    end_seconds: 600,
    end_is_estimate: false,
  });
  expect(last?.progress?.mean_speed).toBeGreaterThan(1);
  expect(last?.sumo_version).toMatch(/^\d+\.\d+/);
  expect(last?.command?.join(" ")).toContain("--seed 7");
  const texts = portal.lines.map(([, , , text]) => text);
  expect(texts).toContain("Reason: The final simulation step has been reached.");
  expect(texts.filter((text) => text.includes("Step #"))).toEqual([]);
  expect(portal.reports.map(({ seq }) => seq)).toEqual(portal.reports.map((_, at) => at + 1));
});

test("a route error far into the demand ends the run before it begins, in SUMO's words, with its lines", async () => {
  const routes = `<routes>
  <vehicle id="good" depart="0"><route edges="A0A1 A1A2"/></vehicle>
  <vehicle id="bad" depart="500000"><route edges="A0A1 nosuch"/></vehicle>
</routes>`;
  const { portal } = await startedAttempt(
    cleanUp,
    await tinyScenario({ endSeconds: ENDLESS, files: { "demo.rou.xml": routes } }),
  );
  const { outcome } = await portal.finished();
  expect(outcome).toMatchObject({ state: "FAILED", reason: "InputInvalid", exit_code: 1 });
  expect(outcome.message).toContain(
    "The edge 'nosuch' within the route for vehicle 'bad' is not known.",
  );
  expect(
    portal.lines.filter(([, , level]) => level === "error").map(([, , , text]) => text),
  ).toContain("Quitting (on error).");
});

test("an option that this SUMO does not know is refused with its name", async () => {
  const config = `<configuration><input><net-file value="grid.net.xml"/></input><time><no-such-option value="3"/></time></configuration>`;
  const { portal } = await startedAttempt(
    cleanUp,
    await tinyScenario({ files: { "run.sumocfg": config } }),
  );
  const { outcome } = await portal.finished();
  expect(outcome.reason).toBe("InputInvalid");
  expect(outcome.message).toContain("No option with the name 'no-such-option' exists.");
});

test("the tenant's outputs stay where they are, folders are made, and what leads elsewhere is discarded", async () => {
  const config = `<configuration>
  <input><net-file value="grid.net.xml"/><route-files value="demo.rou.xml"/><additional-files value="det/d.add.xml"/></input>
  <output><tripinfo-output value="out/deep/trips.xml"/><statistic-output value="my-statistics.xml"/>
    <fcd-output value="localhost:9"/><queue-output value="/tmp/sumo-k8-outside.xml"/><vtk-output value="../vtk"/>
    <summary-output value="stdout"/></output>
  <report><log value="log/messages.txt"/><no-step-log value="true"/><verbose value="false"/></report>
  <time><end value="400"/></time>
  <random_number><random value="true"/></random_number>
  <traci_server><remote-port value="8813"/></traci_server>
  <gui_only><gui-settings-file value="missing.xml"/></gui_only>
</configuration>`;
  const additional = `<additional>
  <edgeData id="a" file="res/a.xml" period="100"/>
  <edgeData id="b" file="/tmp/sumo-k8-outside-b.xml" period="100"/>
</additional>`;
  const files = { "run.sumocfg": config, "det/d.add.xml": additional, "notes.txt": "hello" };
  const { portal } = await startedAttempt(cleanUp, await tinyScenario({ files }));
  const finish = await portal.finished();
  expect(finish.outcome).toMatchObject({
    reason: "Completed",
    message: "The final simulation step has been reached.",
  });
  expect(paths(finish).filter((path) => !path.startsWith("sumo-k8/vtk-output"))).toEqual([
    "det/res/a.xml",
    "log/messages.txt",
    "my-statistics.xml",
    "out/deep/trips.xml",
    "sumo-k8/edgedata.add.xml",
    "sumo-k8/edgedata.xml",
    "sumo-k8/resolved.sumocfg",
    "sumo-k8/statistics.xml",
    "sumo-k8/summary.xml",
  ]);
  const warnings = portal.lines
    .filter(([, , level]) => level === "warning")
    .map(([, , , text]) => text);
  expect(warnings.join("\n")).toContain('"/tmp/sumo-k8-outside-b.xml" in det/d.add.xml:3');
  expect(warnings.join("\n")).toContain('fcd-output "localhost:9"');
  expect(existsSync("/tmp/sumo-k8-outside.xml")).toBe(false);
  expect(existsSync("/tmp/sumo-k8-outside-b.xml")).toBe(false);
  expect(portal.lines.map(([, , , text]) => text)).toContain(
    "Reason: The final simulation step has been reached.",
  );
  expect(portal.file("log/messages.txt")).toContain("Simulation ended at time: 400.00");
});

test("our own files keep their names under the tenant's output-prefix", async () => {
  const run = { sumo_options: { "output-prefix": "TIME_" } };
  const { portal } = await startedAttempt(cleanUp, await tinyScenario(), { run });
  expect(paths(await portal.finished())).toContain("sumo-k8/statistics.xml");
});

test("the job's own begin, end, scale and options beat the configuration's", async () => {
  const run = {
    begin_seconds: 100,
    end_seconds: 200,
    scale: 2,
    sumo_options: { "time-to-teleport": "60" },
  };
  const { portal } = await startedAttempt(cleanUp, await tinyScenario(), { run });
  await portal.finished();
  expect(portal.reports.at(-1)?.progress).toMatchObject({ begin_seconds: 100, time_seconds: 200 });
  expect(portal.reports.at(-1)?.command?.join(" ")).toContain("--time-to-teleport 60");
});

test("without an end the last departure is the estimate", async () => {
  const config = `<configuration><input><net-file value="grid.net.xml"/><route-files value="demo.rou.xml"/></input></configuration>`;
  const files = { "run.sumocfg": config };
  const { portal } = await startedAttempt(
    cleanUp,
    await tinyScenario({ endSeconds: 200_000, files }),
  );
  await portal.until(() => (portal.reports.at(-1)?.progress?.time_seconds ?? 0) > 0, "progress");
  expect(portal.reports.at(-1)?.progress).toMatchObject({
    end_seconds: 200_000,
    end_is_estimate: true,
  });
});

test("a cancel ends the processes within its grace, and the partial results are kept and whole", async () => {
  const attempt = await startedAttempt(cleanUp, await tinyScenario({ endSeconds: ENDLESS }));
  const { portal } = attempt;
  await simulating(attempt);
  portal.stop = { reason: "cancel", grace_seconds: 9 };
  const finish = await portal.finished(10_000);
  await untilEnded(attempt);
  expect(finish.outcome).toMatchObject({ state: "CANCELLED", reason: "CancelledByUser" });
  expect(portal.file("sumo-k8/summary.xml").trimEnd()).toMatch(/<\/summary>$/);
});

test("a SUMO that does not listen to TERM is killed when the grace is over", async () => {
  const attempt = await startedAttempt(cleanUp, await tinyScenario({ endSeconds: ENDLESS }));
  const { portal } = attempt;
  await simulating(attempt);
  process.kill(await sumoPid(attempt), "SIGSTOP"); // a stopped process takes no TERM
  portal.stop = { reason: "cancel", grace_seconds: 2 };
  const finish = await portal.finished(10_000);
  expect(finish.outcome).toMatchObject({ state: "CANCELLED", signal: "SIGKILL" });
  await untilEnded(attempt);
});

test("a cancel before SUMO begins ends the attempt", async () => {
  const attempt = await startedAttempt(cleanUp, {
    ...(await tinyScenario({ endSeconds: ENDLESS })),
    "big.bin": Buffer.alloc(1_000_000, 1),
  });
  const { portal } = attempt;
  portal.gate = (call) => call !== "blobs";
  await portal.until(() => portal.reports.length > 0, "a report");
  portal.stop = { reason: "cancel", grace_seconds: 9 };
  expect((await portal.finished()).outcome).toMatchObject({
    state: "CANCELLED",
    reason: "CancelledByUser",
  });
});

test("the time limit ends the run, and what was written is kept", async () => {
  const { portal } = await startedAttempt(cleanUp, await tinyScenario({ endSeconds: ENDLESS }), {
    limits: { time_limit_seconds: 3 },
  });
  const finish = await portal.finished();
  expect(finish.outcome).toMatchObject({ state: "FAILED", reason: "TimeLimit" });
  expect(paths(finish)).toContain("sumo-k8/tripinfo.xml");
});

test("the memory limit ends the run", async () => {
  const vehicles = `<routes><flow id="f" from="A0A1" to="B2C2" begin="0" end="3600" number="900000"/></routes>`;
  const { portal } = await startedAttempt(
    cleanUp,
    await tinyScenario({ endSeconds: ENDLESS, files: { "demo.rou.xml": vehicles } }),
    { limits: { memory_mib: 24 } },
  );
  expect((await portal.finished()).outcome).toMatchObject({
    state: "FAILED",
    reason: "OutOfMemory",
  });
});

test("the disk limit ends the run", async () => {
  const config = `<configuration><input><net-file value="grid.net.xml"/><route-files value="demo.rou.xml"/></input>
  <output><netstate-dump value="dump.xml"/></output></configuration>`;
  const { portal } = await startedAttempt(
    cleanUp,
    await tinyScenario({ endSeconds: ENDLESS, files: { "run.sumocfg": config } }),
    { limits: { disk_mib: 10 } },
  );
  const finish = await portal.finished();
  expect(finish.outcome).toMatchObject({ state: "FAILED", reason: "DiskFull" });
  expect(finish.lost_files).toEqual([]);
  expect(paths(finish)).toContain("dump.xml");
});

test.each(["SIGSEGV", "SIGABRT"] as const)(
  "a SUMO that dies of %s has crashed, and its results are kept",
  async (signal) => {
    const attempt = await startedAttempt(cleanUp, await tinyScenario({ endSeconds: ENDLESS }));
    await simulating(attempt);
    process.kill(await sumoPid(attempt), signal);
    const finish = await attempt.portal.finished();
    expect(finish.outcome).toMatchObject({ state: "FAILED", reason: "SumoCrashed", signal });
    expect(paths(finish)).toContain("sumo-k8/summary.xml");
  },
);

test("without SUMO the attempt ends with what to do", async () => {
  const { portal } = await startedAttempt(cleanUp, await tinyScenario(), {
    sumoBinary: "/nowhere/sumo",
  });
  const { outcome } = await portal.finished();
  expect(outcome).toMatchObject({ state: "FAILED", reason: "Internal" });
  expect(outcome.message).toContain("/nowhere/sumo");
});
