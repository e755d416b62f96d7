import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { attemptFiles, LocalAttempt } from "@/lib/execution/local/attempt-dir";
import { runAgent } from "./agent";
import { type AttemptPaths, attemptPaths } from "./attempt-paths";
import { claimAttempt } from "./claim";
import { fetchInputs } from "./fetch-inputs";
import { findProgram } from "./find-program";
import { portalAddresses } from "./portal-addresses";
import { PortalClient } from "./portal-client";
import type { SumoInstallation } from "./run-context";
import { RunFailure, toOutcome } from "./run-failure";
import { simulate } from "./simulate";
import { writeEnded } from "./spool-files";

const LOOK_MS = 250;
/** A portal that is away longer than this after the end of a run has forgotten it. */
const AFTERLIFE_MS = 7 * 86_400_000;

export type Say = (message: string, error?: unknown) => void;

/** A whole attempt in one process, on the machine of the portal. Throws AttemptOver when the portal does not want it. */
export async function runLocally(dir: string, searchPath: string, say: Say): Promise<void> {
  if (!(await claimAttempt(dir))) return say("Another process runs this attempt.");
  const attempt = LocalAttempt.parse(JSON.parse(readFileSync(attemptFiles(dir).attempt, "utf8")));
  const paths = attemptPaths(dir);
  mkdirSync(paths.spool, { recursive: true });
  const client = new PortalClient({
    token: attempt.token,
    addresses: () => portalAddresses(attempt.listeners_dir),
    signal: AbortSignal.timeout(AFTERLIFE_MS),
  });
  const running = run(paths, client, attempt, searchPath).catch((error: unknown) => {
    if (isOver(error)) throw error;
    say("The run failed.", error);
    writeEnded(paths, toOutcome(error));
  });
  await Promise.all([runAgent(paths, client), running]);
}

function isOver(error: unknown): boolean {
  return error instanceof Error && error.name === "AttemptOver";
}

async function run(
  paths: AttemptPaths,
  client: PortalClient,
  attempt: LocalAttempt,
  searchPath: string,
): Promise<void> {
  const sumo = await findSumo(attempt, searchPath);
  const fetched = await Promise.race([fetchInputs(paths, client), untilStopped(paths)]);
  if (fetched === "stopped") return writeEnded(paths, CANCELLED);
  await simulate(paths, sumo);
}

const CANCELLED = {
  state: "CANCELLED",
  reason: "CancelledByUser",
  message: "The run was cancelled before SUMO began.",
  exit_code: null,
  signal: null,
} as const;

async function untilStopped(paths: AttemptPaths): Promise<"stopped"> {
  while (!existsSync(paths.stop)) {
    if (existsSync(paths.inputs)) return new Promise(() => undefined);
    await sleep(LOOK_MS);
  }
  return "stopped";
}

async function findSumo(attempt: LocalAttempt, searchPath: string): Promise<SumoInstallation> {
  const sumo = await findProgram(attempt.sumo_binary, searchPath);
  if (!sumo) {
    throw new RunFailure(
      "Internal",
      `SUMO (${attempt.sumo_binary}) is not installed on this machine. An administrator has to install it or set SUMO_BINARY.`,
    );
  }
  const stdbuf = await findProgram("stdbuf", searchPath);
  return { program: stdbuf ? [stdbuf, "-o0", sumo] : [sumo], sumoHome: attempt.sumo_home };
}
