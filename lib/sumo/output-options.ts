import { outputPlace } from "./output-place";
import { type ResolvedOptions, splitList } from "./resolved";

/** Our own files lie in a folder of their own, so that they never meet a tenant's. */
export const OWN_FOLDER = "sumo-k8";
/** What a run writes beside the tenant's own outputs; the names are promised to readers of results. */
export const OWN_FILES = {
  statistics: `${OWN_FOLDER}/statistics.xml`,
  summary: `${OWN_FOLDER}/summary.xml`,
  tripinfo: `${OWN_FOLDER}/tripinfo.xml`,
  edgeData: `${OWN_FOLDER}/edgedata.xml`,
  edgeDataDefinition: `${OWN_FOLDER}/edgedata.add.xml`,
  resolved: `${OWN_FOLDER}/resolved.sumocfg`,
} as const;

const OWN_OUTPUTS = [
  ["statistic-output", OWN_FILES.statistics],
  ["summary-output", OWN_FILES.summary],
  ["tripinfo-output", OWN_FILES.tripinfo],
] as const;

/** Options that name a written file and do not end in "output". */
const FURTHER = new Set([
  "log",
  "message-log",
  "error-log",
  "netstate-dump",
  "save-state.prefix",
  "save-state.files",
  "device.ssm.file",
  "device.toc.file",
]);

export type OutputPlan = {
  /** Options to give on the command line, which beats the configuration. */
  readonly overrides: ReadonlyMap<string, string>;
  /** Files that the run will write by options, relative to its folder. */
  readonly files: readonly string[];
  readonly statistics: string;
  readonly summary: string;
  readonly tripinfo: string;
  /** One sentence for each output that was changed. */
  readonly notes: readonly string[];
};

export function isOutputOption(name: string): boolean {
  return /(^|[.-])output$/.test(name) || FURTHER.has(name);
}

/**
 * Where the outputs of a run go: the tenant's stay where they are when that is within the folder, what
 * leads to a socket or elsewhere is discarded, SUMO's own streams become files, and ours are added
 * where the tenant has none of the kind.
 */
export function planOutputs(resolved: ResolvedOptions): OutputPlan {
  const overrides = new Map<string, string>();
  const notes: string[] = [];
  for (const [name, value] of resolved) {
    if (!isOutputOption(name)) continue;
    const safe = safeValue(name, value);
    if (safe === undefined) continue;
    overrides.set(name, safe);
    notes.push(
      `the output ${name} "${value}" is not possible here and ${isNothing(safe) ? "is discarded" : `goes to ${safe}`}.`,
    );
  }
  for (const [name, path] of OWN_OUTPUTS) {
    if (!hasFile(overrides.get(name) ?? resolved.get(name))) overrides.set(name, path);
  }
  addPrefix(resolved, overrides, notes);
  const pathOf = (name: string) => overrides.get(name) ?? resolved.get(name) ?? "";
  const names = new Set([...resolved.keys(), ...overrides.keys()].filter(isOutputOption));
  return {
    overrides,
    files: [...names]
      .flatMap((name) => splitList(pathOf(name)))
      .filter((path) => outputPlace(path) === "inside"),
    statistics: pathOf("statistic-output"),
    summary: pathOf("summary-output"),
    tripinfo: pathOf("tripinfo-output"),
    notes,
  };
}

/** What to write in place of `value`; undefined when it may stay. */
function safeValue(name: string, value: string): string | undefined {
  const places = splitList(value).map(outputPlace);
  if (places.includes("outside")) return discarded(name);
  if (!places.includes("stream")) return undefined;
  return isLog(name) ? "nul" : `${OWN_FOLDER}/${name}.xml`;
}

/** `vtk-output` and saved states are many files whose names begin with the value, so `nul` would make them. */
function discarded(name: string): string {
  if (name === "vtk-output" || name.startsWith("save-state.")) return `${OWN_FOLDER}/${name}`;
  return "nul";
}

function isNothing(value: string): boolean {
  return value === "nul";
}

/** With -v SUMO writes all messages to its streams as well, from where we take them. */
function isLog(name: string): boolean {
  return name === "log" || name.endsWith("-log");
}

function hasFile(value: string | undefined): boolean {
  return value !== undefined && outputPlace(value) === "inside";
}

/** A prefix goes before the last part of every output, ours too; one with a slash would lead anywhere. */
function addPrefix(
  resolved: ResolvedOptions,
  overrides: Map<string, string>,
  notes: string[],
): void {
  const prefix = resolved.get("output-prefix");
  if (prefix === undefined || (!prefix.includes("/") && outputPlace(`${prefix}x`) !== "outside"))
    return;
  overrides.set("output-prefix", "");
  notes.push(`the output-prefix "${prefix}" leads to another folder and is left out.`);
}

/** The additional file that makes SUMO write traffic on edges in intervals of 300 s. */
export const EDGE_DATA_DEFINITION = `<additional>
  <edgeData id="sumo-k8" file="edgedata.xml" period="300"/>
</additional>
`;
