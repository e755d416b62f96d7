import type { RunnerSpec } from "@/lib/domain/runner-protocol";
import { isOutputOption, type OutputPlan, OWN_FILES } from "./output-options";
import { type ResolvedOptions, splitList } from "./resolved";
import { parseSumoTime } from "./step-log";

type Run = Pick<RunnerSpec, "config_file" | "run">;

/** In the run's own folder, so that its paths are relative to that. */
export const RESOLVED_HERE = ".sumo-k8-resolved.sumocfg";

/** Outputs of the check have this prefix, so that they are told from the run's and taken away. */
export const CHECK_PREFIX = ".sumo-k8-check.";

/** What the tenant may not decide. `nothing` beats a tenant's option of the same name. */
const FORCED = {
  "xml-validation": "local",
  "xml-validation.routes": "local",
  "xml-validation.net": "never",
  "remote-port": "0",
  "gui-settings-file": "",
  random: "false",
  verbose: "true",
  "duration-log.disable": "false",
  "duration-log.statistics": "true",
  "no-step-log": "false",
} as const;

/** Options of newer versions that would change the texts we read; given only where the tenant uses them. */
const FORCED_IF_PRESENT = {
  "log.timestamps": "false",
  "log.processid": "false",
  language: "C",
} as const;

/** Options that make SUMO write a description of itself and stop. */
export const WRITE_AND_STOP = ["save-configuration", "save-template", "save-schema"] as const;

/**
 * `sumo -C`: SUMO writes how it understands the configuration, and opens none of its files. The paths
 * in it are relative to the folder of `target`.
 */
export function resolveCommand(
  { config_file }: Pick<Run, "config_file">,
  target: string,
): string[] {
  return ["-c", config_file, "--save-configuration", target];
}

/** Loads everything, all routes too (`-s 0`), and ends after one step. The tenant's outputs are not touched. */
export function checkCommand(spec: Run, resolved: ResolvedOptions): string[] {
  const options = commonOptions(spec, resolved);
  const begin = numberOf(options.get("begin") ?? resolved.get("begin")) ?? 0;
  const end = numberOf(options.get("end") ?? resolved.get("end")) ?? -1;
  const step = numberOf(options.get("step-length") ?? resolved.get("step-length")) ?? 1;
  // SUMO ends by itself when nobody is left, and complains about an end before the begin.
  if (end < 0 || end > begin + step) options.set("end", String(begin + step));
  options.set("route-steps", "0");
  options.set("output-prefix", CHECK_PREFIX);
  for (const name of resolved.keys()) if (isOutputOption(name)) options.set(name, "nul");
  return toArguments(spec.config_file, options);
}

/** The simulation itself. `stepLogPeriod` counts steps. */
export function simulationCommand(
  spec: Run,
  resolved: ResolvedOptions,
  plan: OutputPlan,
  stepLogPeriod: number,
): string[] {
  const options = commonOptions(spec, resolved);
  for (const [name, value] of plan.overrides) options.set(name, value);
  options.set("step-log.period", String(stepLogPeriod));
  options.set("tripinfo-output.write-unfinished", "true");
  // A list on the command line replaces the configuration's.
  const additional = [...splitList(resolved.get("additional-files")), OWN_FILES.edgeDataDefinition];
  options.set("additional-files", additional.join(","));
  return toArguments(spec.config_file, options);
}

/** Options by name, each once: SUMO refuses one that is given twice. Later ones beat earlier ones. */
function commonOptions({ run }: Run, resolved: ResolvedOptions): Map<string, string> {
  const options = new Map(Object.entries(run.sumo_options));
  const times = {
    begin: run.begin_seconds,
    end: run.end_seconds,
    "step-length": run.step_length_seconds,
    scale: run.scale,
  };
  for (const [name, value] of Object.entries(times))
    if (value !== null) options.set(name, String(value));
  for (const [name, value] of Object.entries(FORCED)) options.set(name, value);
  for (const [name, value] of Object.entries(FORCED_IF_PRESENT))
    if (resolved.has(name)) options.set(name, value);
  options.set("seed", String(run.seed));
  return options;
}

function toArguments(configFile: string, options: ReadonlyMap<string, string>): string[] {
  return ["-c", configFile, ...[...options].flatMap(([name, value]) => [`--${name}`, value])];
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseSumoTime(text);
}

/**
 * Steps between two step records, so that one comes at least about once a second of wall time without
 * costing more than 1 % of it: a record costs about 40 us, a step grows with the network.
 */
export function stepLogPeriod(networkBytes: number): number {
  if (networkBytes < 100_000) return 50;
  if (networkBytes < 1_000_000) return 10;
  return networkBytes < 10_000_000 ? 5 : 1;
}

/** Simulated seconds at which the run begins and, if it is known, ends. */
export function timeSpan(
  run: RunnerSpec["run"],
  resolved: ResolvedOptions,
): { beginSeconds: number; endSeconds: number | null } {
  const end = run.end_seconds ?? numberOf(resolved.get("end")) ?? -1;
  return {
    beginSeconds: run.begin_seconds ?? numberOf(resolved.get("begin")) ?? 0,
    endSeconds: end < 0 ? null : end,
  };
}
