import { existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { localAttempt, startedAttempt } from "@/tests/support/local-attempt";
import { tinyScenario } from "@/tests/support/scenario";
import { type BackendTrial, backendContract } from "./backend";

const DAY = 86_400;

backendContract("the local backend", {
  async trial(scenario): Promise<BackendTrial> {
    const attempt = await localAttempt(
      await tinyScenario({ endSeconds: scenario === "short" ? 600 : 1_000 * DAY }),
    );
    const { portal, backend, spec } = attempt;
    let starts = 0;
    portal.gate = (call) => {
      if (call === "spec") starts += 1;
      return true;
    };
    return {
      backend,
      second: attempt.other(),
      spec,
      starts: () => starts,
      finished: () => portal.finished(),
      simulating: () =>
        portal.until(
          () => portal.reports.at(-1)?.phases.at(-1)?.phase === "Simulating",
          "Simulating",
        ),
      async killRunner() {
        process.kill(await attempt.runnerPid(), "SIGKILL");
      },
      processes: async () => (await attempt.processes()).length,
      end: attempt.end,
    };
  },
});

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end();
});

test("the token is in a file that only its owner reads, and not in SUMO's surroundings", async () => {
  const attempt = await startedAttempt(cleanUp, await tinyScenario({ endSeconds: 1_000 * DAY }));
  const { portal, dir } = attempt;
  await portal.until(() => portal.reports.some(({ progress }) => progress), "progress");
  expect((await stat(join(dir, "attempt.json"))).mode & 0o077).toBe(0);
  const runner = await attempt.runnerPid();
  const others = (await attempt.processes()).filter((pid) => pid !== runner);
  expect(others).toHaveLength(1);
  const variables = (await readFile(`/proc/${others[0]}/environ`, "utf8")).split("\0");
  const names = variables.map((text) => text.split("=")[0]).filter((name) => name !== "");
  expect(new Set(names)).toEqual(new Set(["LD_PRELOAD", "SUMO_HOME", "_STDBUF_O"]));
});

test("the runner's own output can be read, all or its end", async () => {
  const attempt = await localAttempt(await tinyScenario());
  cleanUp.push(attempt.end);
  await attempt.backend.start(attempt.spec);
  await attempt.portal.finished();
  await writeFile(join(attempt.dir, "runner.log"), "first\nlast\n");
  const lines: string[] = [];
  for await (const line of attempt.backend.output(attempt.spec, { tailLines: 1 })) lines.push(line);
  expect(lines).toEqual(["last"]);
});

test("a portal that does not want the attempt any more ends it with SUMO", async () => {
  const attempt = await startedAttempt(cleanUp, await tinyScenario({ endSeconds: 1_000 * DAY }));
  const { portal, dir } = attempt;
  await portal.until(() => portal.reports.some(({ progress }) => progress), "progress");
  portal.isOver = true;
  for (const end = Date.now() + 10_000; (await attempt.processes()).length > 0; ) {
    if (Date.now() > end) throw new Error("Processes are left.");
    await new Promise((done) => setTimeout(done, 50));
  }
  expect(existsSync(join(dir, "finished.json"))).toBe(false);
});
