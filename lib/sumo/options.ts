import type { Fault } from "@/lib/domain/errors";
import { findOption, SUMO_OPTIONS, type SumoOption } from "./option-table";
import { findValueFault } from "./option-value";

/** Sections of plain behaviour: how vehicles, people, signals and devices act. */
const ALLOWED_SECTIONS = new Set([
  "processing",
  "routing",
  "mesoscopic",
  "battery",
  "bluelight_device",
  "communication",
  "driver_state_device",
  "elechybrid_device",
  "emissions",
  "fcd_device",
  "fcd_replay_device",
  "friction_device",
  "glosa_device",
  "ssm_device",
  "taxi_device",
  "toc_device",
  "tripinfo_device",
  "vehroutes_device",
]);
const ALSO_ALLOWED = new Set(["junction-taz", "weight-attribute"]);
/** Names of files or addresses that are no FILE for SUMO; threads, which gain nothing; what the portal sets itself. */
const NEVER = new Set([
  "device.ssm.file",
  "device.toc.file",
  "pedestrian.remote.address",
  "threads",
  "device.rerouting.threads",
  "scale",
  "route-steps",
]);
/** Options that are fields of a job. */
const FIELDS: Readonly<Record<string, string>> = {
  seed: "seed",
  begin: "begin",
  end: "end",
  "step-length": "step_length",
  scale: "scale",
};
const MAX_OPTIONS = 100;
const MAX_VALUE_LENGTH = 1_000;
const FIELD = "sumo_options";

/** What a job's `sumo_options` may set. Never files, ports, outputs, validation, logging or threads. */
export const SUMO_OPTION_ALLOW_LIST: ReadonlyMap<string, SumoOption> = new Map(
  [...SUMO_OPTIONS].filter(([, option]) => isAllowed(option)),
);

function isAllowed({ name, section, type }: SumoOption): boolean {
  if (type === "FILE" || NEVER.has(name)) return false;
  return ALLOWED_SECTIONS.has(section) || ALSO_ALLOWED.has(name);
}

/** All that is wrong with a job's options, name without dashes by value; empty when they may be given to SUMO. */
export function checkSumoOptions(options: Readonly<Record<string, string>>): Fault[] {
  const entries = Object.entries(options);
  if (entries.length > MAX_OPTIONS)
    return [{ field: FIELD, message: `has more than ${MAX_OPTIONS} options` }];
  return entries.flatMap(([name, value]) => {
    const message = findNameFault(name) ?? findWrongValue(name, value);
    return message ? [{ field: `${FIELD}.${name.slice(0, 100)}`, message }] : [];
  });
}

function findNameFault(name: string): string | undefined {
  if (SUMO_OPTION_ALLOW_LIST.has(name)) return undefined;
  const field = FIELDS[name];
  if (field) return `is set by the job's field ${field}`;
  const bare = name.replace(/^-+/, "");
  const option = findOption(bare);
  if (!option) return "is not an option of SUMO";
  if (option.name !== name && SUMO_OPTION_ALLOW_LIST.has(option.name))
    return `must be written ${option.name}`;
  return "may not be set here; only options of the simulation's behaviour may (no files, outputs, ports, logs or threads)";
}

function findWrongValue(name: string, value: string): string | undefined {
  const { type } = SUMO_OPTION_ALLOW_LIST.get(name) ?? { type: "STR" as const };
  if (value === "") return "has no value";
  if (value.length > MAX_VALUE_LENGTH) return `has more than ${MAX_VALUE_LENGTH} characters`;
  // SUMO puts environment variables in the place of ${NAME}.
  if (/[\p{Cc}$]/u.test(value)) return "has a control character or $ in its value";
  const wanted = findValueFault(type, value);
  return wanted ? `must be ${wanted}, not '${value.slice(0, 50)}'` : undefined;
}
