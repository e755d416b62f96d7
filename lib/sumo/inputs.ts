import type { ConfigFault, SumoConfig } from "./config";
import { type FileIndex, suggestFor } from "./file-index";

/**
 * Options that name files SUMO opens, and whether each takes a list; of 1.15 to 1.27. Not the files of sumo-gui:
 * the portal runs without them.
 */
export const INPUT_OPTIONS: Readonly<Record<string, "one" | "list">> = {
  "net-file": "one",
  "additional-files": "list",
  "route-files": "list",
  "weight-files": "list",
  "load-state": "one",
  "fcd-output.filter-edges.input-file": "one",
  "device.ssm.filter-edges.input-file": "one",
  "astar.all-distances": "one",
  "astar.landmark-distances": "one",
  "device.fcd-replay.file": "one",
};

type Reference = { readonly option: string; readonly name: string; readonly line: number };
type Resolved = { readonly path: string } | { readonly fault: string };
export type ConfigInputs = {
  readonly paths: readonly string[];
  readonly faults: readonly ConfigFault[];
};

/** The inputs that a configuration names, found among the scenario's files; what is missing or cannot be meant is a fault. */
export function findInputs(config: SumoConfig, configPath: string, files: FileIndex): ConfigInputs {
  const paths = new Set<string>();
  const faults: ConfigFault[] = [];
  for (const reference of listReferences(config)) {
    const found = resolveInput(reference, configPath, files);
    if ("path" in found) paths.add(found.path);
    else faults.push({ line: reference.line, message: `${reference.option} ${found.fault}` });
  }
  if (!config.options.has("net-file") && config.faults.length === 0) {
    faults.push({
      line: 1,
      message: `names no network; add <net-file value="..."/>${files.networks.length > 0 ? `, perhaps with ${files.networks[0]}` : ""}`,
    });
  }
  return { paths: [...paths], faults };
}

function listReferences({ options }: SumoConfig): Reference[] {
  return Object.entries(INPUT_OPTIONS).flatMap(([option, kind]) => {
    const set = options.get(option);
    if (!set) return [];
    const names = kind === "list" ? set.value.split(",") : [set.value];
    return names.map((name) => ({ option, name, line: set.line }));
  });
}

function resolveInput({ name }: Reference, configPath: string, files: FileIndex): Resolved {
  if (name.trim() === "")
    return { fault: "has an empty name in its list; remove the comma too many" };
  const impossible = findImpossible(name);
  if (impossible) return { fault: `names ${name}, ${impossible}` };
  const path = joinPath(folderOf(configPath), name);
  if (path === undefined) return { fault: `names ${name}, which lies outside the archive` };
  if (files.has(path)) return judgePresent(name, path, files);
  const suggestion = suggestFor(path, files, folderOf(configPath));
  return {
    fault: `names ${name}, which is not in the archive.${hintFor(name)}${suggestion ? ` Did you mean ${suggestion}?` : ""}`,
  };
}

function judgePresent(name: string, path: string, { oddities }: FileIndex): Resolved {
  if (name.includes("\\")) {
    return {
      fault: `names ${name} with backslashes, which SUMO reads on Windows only; write ${name.replaceAll("\\", "/")}.`,
    };
  }
  const oddity = oddities.get(path);
  return oddity
    ? { fault: `names ${name}, which is ${oddity}. Download the raw file in its place.` }
    : { path };
}

function findImpossible(name: string): string | undefined {
  if (name.includes("${"))
    return "but variables of the environment are not set here; write the path itself";
  if (/^(\/|[A-Za-z]:[\\/])/.test(name) || name.startsWith("\\")) {
    return "a path of another computer; put the file into the archive and name it relative to the configuration";
  }
  return /^[^/\\]{2,}:\d+$/.test(name)
    ? "a network address, which runs may not read from"
    : undefined;
}

function hintFor(name: string): string {
  if (name.includes(";")) return " Names in a list have commas between, not semicolons.";
  if (name !== name.trim()) return " Remove the space before or after it.";
  return "";
}

/** `path` below `folder`; undefined when it leaves the top. Backslashes separate too, as on Windows. */
export function joinPath(folder: string, path: string): string | undefined {
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of path.replaceAll("\\", "/").split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** Of a path with `/`; empty for one at the top. */
export function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}
