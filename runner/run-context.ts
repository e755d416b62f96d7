import { existsSync } from "node:fs";
import type { RunnerSpec } from "@/lib/domain/runner-protocol";
import type { AttemptPaths } from "./attempt-paths";
import type { DiskWatch } from "./disk-watch";
import { Command, readJson, Stop, writeJson } from "./spool-files";
import type { SpoolWriter } from "./spool-writer";
import type { StopRequest, SumoProcess } from "./sumo-process";

const GRACE_SECONDS = 10;

/** Where SUMO is on this machine. */
export type SumoInstallation = {
  /** Absolute path, and before it `stdbuf -o0` where there is one. */
  readonly program: SumoProcess["program"];
  readonly sumoHome: string;
};

/** All that the steps of one run share. */
export type RunContext = {
  readonly paths: AttemptPaths;
  readonly spec: RunnerSpec;
  readonly sumo: SumoInstallation;
  readonly spool: SpoolWriter;
  readonly disk: DiskWatch;
  readonly deadline: number;
};

/** Why SUMO has to end now; null as long as it may go on. */
export function shouldStop({ paths, disk, deadline }: RunContext): StopRequest | null {
  if (existsSync(paths.stop)) {
    return { cause: "cancel", graceSeconds: readJson(paths.stop, Stop)?.grace_seconds ?? 0 };
  }
  if (Date.now() >= deadline) return { cause: "time", graceSeconds: GRACE_SECONDS };
  return disk.isOver() ? { cause: "disk", graceSeconds: GRACE_SECONDS } : null;
}

/** The part of a SUMO run that is the same for all of an attempt. */
export function processOf(context: RunContext): Omit<SumoProcess, "args" | "onOutput"> {
  const { paths, spec, sumo } = context;
  return {
    ...sumo,
    cwd: paths.work,
    memoryMib: spec.limits.memory_mib,
    name: spec.attempt,
    shouldStop: () => shouldStop(context),
  };
}

export function recordCommand(
  { paths }: RunContext,
  args: readonly string[],
  resolvedXml: string,
): void {
  const version = /SUMO sumo (?:Version )?(\S+)/.exec(resolvedXml)?.[1] ?? null;
  writeJson(paths.command, Command.parse({ sumo_version: version, command: ["sumo", ...args] }));
}

export function limitsOf({ spec }: RunContext) {
  const { memory_mib, disk_mib, time_limit_seconds } = spec.limits;
  return { memoryMib: memory_mib, diskMib: disk_mib, timeLimitSeconds: time_limit_seconds };
}
