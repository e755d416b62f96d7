import { expect, test } from "vitest";
import type { ScenarioConfig } from "@/lib/db/schema/scenarios";
import { type AppError, isAppError } from "@/lib/domain/errors";
import { chooseConfig } from "./choose-config";

const good = (path: string): ScenarioConfig => ({ path, inputs: ["a.net.xml"], faults: [] });
const bad = (path: string, ...messages: string[]): ScenarioConfig => ({
  path,
  inputs: [],
  faults: messages.map((message) => ({ file: path, line: 3, message })),
});

function choose(
  configs: ScenarioConfig[],
  configFile?: string,
  findings: { message: string }[] = [],
): string | AppError {
  try {
    return chooseConfig({ configs, findings }, configFile).path;
  } catch (error) {
    if (isAppError(error) && error.code === "INVALID_INPUT") return error;
    throw error;
  }
}

test("the only configuration is the one, and a named one is found by path or by its name alone", () => {
  expect(choose([good("run.sumocfg")])).toBe("run.sumocfg");
  const several = [good("a/run.sumocfg"), good("b/run.sumocfg"), good("b/other.sumocfg")];
  expect(choose(several, "b/run.sumocfg")).toBe("b/run.sumocfg");
  expect(choose(several, "./b\\run.sumocfg")).toBe("b/run.sumocfg");
  expect(choose(several, "other.sumocfg")).toBe("b/other.sumocfg");
});

test.each<[string, ScenarioConfig[], string | undefined, RegExp]>([
  ["none", [], undefined, /has no \.sumocfg file.*Add one like this/],
  ["none, one asked for", [], "x.sumocfg", /has no \.sumocfg file/],
  [
    "several",
    [good("a.sumocfg"), good("b.sumocfg")],
    undefined,
    /has 2 configurations; choose one with config_file: a\.sumocfg, b\.sumocfg\.$/,
  ],
  [
    "several, one usable",
    [good("a.sumocfg"), bad("b.sumocfg", "no net.")],
    undefined,
    /choose one with config_file: a\.sumocfg, b\.sumocfg\.$/,
  ],
  [
    "several, none usable",
    [bad("a.sumocfg", "no net."), bad("b.sumocfg", "no routes.")],
    undefined,
    /None of them can run as it is: a\.sumocfg, line 3: no net\. b\.sumocfg, line 3: no routes\./,
  ],
  [
    "another",
    [good("a.sumocfg")],
    "c.sumocfg",
    /'c\.sumocfg' is not a configuration of the scenario; it has: a\.sumocfg\./,
  ],
  [
    "two of that name",
    [good("a/x.sumocfg"), good("b/x.sumocfg")],
    "x.sumocfg",
    /is not a configuration/,
  ],
  [
    "a faulty one",
    [bad("a.sumocfg", "net-file names n, which is not in the archive.", "and more.")],
    undefined,
    /^a\.sumocfg cannot run\. a\.sumocfg, line 3: net-file names n, which is not in the archive\. a\.sumocfg, line 3: and more\.$/,
  ],
])("refused with the whole list in words: %s", (_, configs, configFile, message) => {
  const error = choose(configs, configFile, [{ message: "Add one like this." }]);
  expect(isAppError(error) && error.message).toMatch(message);
});

test("all faults are in the list, however many the sentence shows", () => {
  const error = choose([
    bad("a.sumocfg", ...Array.from({ length: 40 }, (_, n) => `missing ${n}.`)),
  ]);
  expect(isAppError(error) && error.faults).toHaveLength(40);
  expect(isAppError(error) && error.message).toMatch(/And 28 more\.$/);
});
