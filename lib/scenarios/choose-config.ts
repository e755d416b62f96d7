import type { Scenario, ScenarioConfig } from "@/lib/db/schema/scenarios";
import { AppError, type Fault } from "@/lib/domain/errors";

const MAX_SENTENCES = 12;
type Choice = Pick<Scenario, "configs" | "findings">;

/**
 * The configuration to run. `configFile` is a path in the scenario, or a file's name when only one has it. Throws
 * INVALID_INPUT with all that is wrong: there is none, there are several and none is chosen, its inputs are missing.
 */
export function chooseConfig(
  { configs, findings }: Choice,
  configFile: string | undefined,
): ScenarioConfig {
  if (configs.length === 0) throw refuseNone(findings, configFile);
  const config = configFile === undefined ? findOnly(configs) : findNamed(configs, configFile);
  if (config.faults.length === 0) return config;
  throw refuse(`${config.path} cannot run. ${joinSentences(config.faults)}`, config.faults);
}

function findOnly(configs: readonly ScenarioConfig[]): ScenarioConfig {
  const only = onlyOf(configs);
  if (only) return only;
  const faults = configs.some((config) => config.faults.length === 0)
    ? []
    : configs.flatMap((config) => config.faults);
  const complaint =
    faults.length > 0 ? ` None of them can run as it is: ${joinSentences(faults)}` : "";
  throw refuse(
    `The scenario has ${configs.length} configurations; choose one with config_file: ${listPaths(configs)}.${complaint}`,
    [{ field: "config_file", message: `choose one of: ${listPaths(configs)}` }, ...faults],
  );
}

function findNamed(configs: readonly ScenarioConfig[], configFile: string): ScenarioConfig {
  const wanted = configFile.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
  const found =
    configs.find(({ path }) => path === wanted) ??
    onlyOf(configs.filter(({ path }) => path.endsWith(`/${wanted}`)));
  if (found) return found;
  const message = `is not a configuration of the scenario; it has: ${listPaths(configs)}`;
  throw refuse(`config_file: '${configFile}' ${message}.`, [{ field: "config_file", message }]);
}

function refuseNone(findings: Choice["findings"], configFile: string | undefined): AppError {
  const found = findings.map(({ message }) => message).join(" ");
  const message =
    `The scenario has no .sumocfg file, which tells SUMO what to run. ${found}`.trim();
  const faults =
    configFile === undefined
      ? []
      : [{ field: "config_file", message: `${configFile} is not in the scenario` }];
  return refuse(message, [...faults, ...findings]);
}

/** As many as can be read; all of them are in the list of faults. */
function joinSentences(faults: ScenarioConfig["faults"]): string {
  const shown = faults.slice(0, MAX_SENTENCES).map(({ file, line, message }) => {
    return `${line === undefined ? file : `${file}, line ${line}`}: ${message}`;
  });
  const more = faults.length - shown.length;
  return more > 0 ? `${shown.join(" ")} And ${more} more.` : shown.join(" ");
}

function onlyOf<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}

function listPaths(configs: readonly ScenarioConfig[]): string {
  return configs.map(({ path }) => path).join(", ");
}

function refuse(message: string, faults: readonly Fault[] = []): AppError {
  return new AppError("INVALID_INPUT", message, { faults });
}
