import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { startedAttempt } from "@/tests/support/local-attempt";
import { unzip } from "@/tests/support/unzip";

const REAL = join(import.meta.dirname, "../../../shared/scenarios/bologna-acosta.zip");
const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end();
});

test.each([
  ["town-morning", "Completed"],
  ["gridlock", "Completed"],
  ["collisions", "Completed"],
])(
  "the example %s ends as %s",
  async (example, reason) => {
    const { portal } = await startedAttempt(cleanUp, await unzip(`examples/${example}.zip`));
    const { outcome } = await portal.finished(90_000);
    expect(outcome).toMatchObject({ state: "SUCCEEDED", reason });
    expect(portal.file("sumo-k8/tripinfo.xml").trimEnd()).toMatch(/<\/tripinfos>$/);
  },
  120_000,
);

test("a run that SUMO ends by its own rule has succeeded, and says that it stopped early", async () => {
  const run = { sumo_options: { "max-num-teleports": "5" } };
  const { portal } = await startedAttempt(cleanUp, await unzip("examples/collisions.zip"), { run });
  const { outcome } = await portal.finished(90_000);
  expect(outcome).toMatchObject({ state: "SUCCEEDED", reason: "StoppedEarly" });
  expect(outcome.message).toContain("Too many teleports.");
}, 120_000);

test.runIf(existsSync(REAL))(
  "a real upload whose log goes to a file ends, with its lines and its own outputs",
  async () => {
    const { portal } = await startedAttempt(cleanUp, await unzip(REAL));
    const { outcome, files } = await portal.finished(120_000);
    expect(outcome).toMatchObject({
      state: "SUCCEEDED",
      message: "All vehicles have left the simulation.",
    });
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(["e1_output.xml", "sumo_log.txt", "tripinfos.xml"]),
    );
    expect(paths).not.toContain("acosta.rou.xml");
    expect(paths).not.toContain("sumo-k8/tripinfo.xml");
    const texts = portal.lines.map(([, , , text]) => text);
    expect(texts).toContain("Reason: All vehicles have left the simulation.");
    const shown = portal.reports.flatMap(({ progress }) => (progress ? [progress] : []));
    expect(shown.some((progress) => progress.end_is_estimate && (progress.percent ?? 0) > 5)).toBe(
      true,
    );
  },
  150_000,
);
