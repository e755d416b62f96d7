import type { ScenarioConfig, ScenarioFinding } from "@/lib/db/schema/scenarios";
import { readSumoConfig } from "@/lib/sumo/config";
import { type FileIndex, type IndexedFile, indexFiles } from "@/lib/sumo/file-index";
import { findInputs } from "@/lib/sumo/inputs";

/** `content` of the configurations only; absent when one is too large to be a configuration. */
export type ExaminedFile = IndexedFile & { readonly content?: Uint8Array };
export type Examination = {
  readonly configs: ScenarioConfig[];
  readonly findings: ScenarioFinding[];
};

const MAX_FAULTS = 50;

/** What can run in a set of files, and what stands in the way. Reads configurations only; SUMO itself reads the rest. */
export function examineScenario(files: readonly ExaminedFile[]): Examination {
  const index = indexFiles(files);
  const configs = files
    .filter(({ role }) => role === "config")
    .map((file) => examineConfig(file, index))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { configs, findings: [...findMissingConfig(configs, index), ...findScripts(index)] };
}

function examineConfig(file: ExaminedFile, index: FileIndex): ScenarioConfig {
  const fault = (message: string): ScenarioConfig => ({
    path: file.path,
    inputs: [],
    faults: [{ file: file.path, message }],
  });
  if (file.oddity)
    return fault(
      `this is ${file.oddity}, not a SUMO configuration; download the raw file in its place.`,
    );
  if (!file.content) return fault("is too large to be a SUMO configuration.");
  const config = readSumoConfig(file.content);
  const inputs = findInputs(config, file.path, index);
  const faults = [...config.faults, ...inputs.faults].slice(0, MAX_FAULTS);
  return {
    path: file.path,
    inputs: inputs.paths,
    faults: faults.map(({ line, message }) => ({
      file: file.path,
      line,
      message: toSentence(message),
    })),
  };
}

function findMissingConfig(
  configs: readonly ScenarioConfig[],
  index: FileIndex,
): ScenarioFinding[] {
  if (configs.length > 0) return [];
  const [network] = index.networks;
  if (!network) {
    return [
      {
        message:
          "No network (.net.xml) was found either; put the network, the routes and a .sumocfg into the archive.",
      },
    ];
  }
  const routes = index.routes.length > 0 ? `<route-files value="${index.routes.join(",")}"/>` : "";
  const missing = index.routes.length > 0 ? "" : " No routes were found.";
  return [
    {
      file: network,
      message: `Add one, for example run.sumocfg with <configuration><input><net-file value="${network}"/>${routes}</input><time><end value="3600"/></time></configuration>, made of the files found.${missing}`,
    },
  ];
}

function findScripts({ paths }: FileIndex): ScenarioFinding[] {
  const script = paths.find((path) => path.endsWith(".py"));
  if (!script) return [];
  return [
    {
      file: script,
      message: `${script} and other Python scripts are kept but not run; the portal runs SUMO only.`,
    },
  ];
}

function toSentence(message: string): string {
  return /[.?!]$/.test(message) ? message : `${message}.`;
}
