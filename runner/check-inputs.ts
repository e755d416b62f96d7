import { readFileSync, rmSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LineLevel } from "@/lib/domain/runner-protocol";
import { checkCommand, RESOLVED_HERE, resolveCommand, WRITE_AND_STOP } from "@/lib/sumo/command";
import { judgeOutcome, type Outcome } from "@/lib/sumo/outcome";
import { OWN_FILES } from "@/lib/sumo/output-options";
import { parseResolved, type ResolvedOptions } from "@/lib/sumo/resolved";
import { freeDiskMib } from "./disk-watch";
import { ErrorsSeen } from "./errors-seen";
import { limitsOf, processOf, type RunContext } from "./run-context";
import { RunFailure } from "./run-failure";
import { OutputReader } from "./spool-writer";
import { runSumo } from "./sumo-process";

const MAX_LINES = 5_000;

export type Checked =
  | { readonly resolved: ResolvedOptions; readonly resolvedXml: string }
  | { readonly outcome: Outcome; readonly at: Date };

/**
 * Lets SUMO say how it understands the configuration, then load everything that the run will read. What it says
 * reaches the log only when it refuses: the run says the same again.
 */
export async function checkInputs(context: RunContext): Promise<Checked> {
  await mkdir(dirname(join(context.paths.work, OWN_FILES.resolved)), { recursive: true });
  const here = join(context.paths.work, RESOLVED_HERE);
  // Once to read, with paths from the run's folder, and once to keep, right for the place where it lies.
  for (const target of [RESOLVED_HERE, OWN_FILES.resolved]) {
    const refused = await tryOut(context, resolveCommand(context.spec, target));
    if (refused) return refused;
  }
  const resolvedXml = readFileSync(here, "utf8");
  rmSync(here);
  const resolved = parseResolved(resolvedXml);
  const stops = WRITE_AND_STOP.find((name) => resolved.has(name));
  if (stops) {
    throw new RunFailure(
      "InputInvalid",
      `${context.spec.config_file} has the option ${stops}, which makes SUMO write a file and stop. Remove it.`,
    );
  }
  const before = new Set(await allFiles(context.paths.work));
  const refused = await tryOut(context, checkCommand(context.spec, resolved));
  for (const path of await allFiles(context.paths.work)) if (!before.has(path)) rmSync(path);
  return refused ?? { resolved, resolvedXml };
}

/** undefined when SUMO has nothing against it. */
async function tryOut(
  context: RunContext,
  args: readonly string[],
): Promise<Extract<Checked, { outcome: Outcome }> | undefined> {
  const seen = new ErrorsSeen();
  const kept: Parameters<RunContext["spool"]["add"]>[] = [];
  const onLine = (text: string, level: LineLevel, stream: "stdout" | "stderr", atMs: number) => {
    seen.take(text, level);
    if (kept.length < MAX_LINES) kept.push([text, level, stream, atMs]);
  };
  const reader = new OutputReader({ onLine });
  const exit = await runSumo({
    ...processOf(context),
    args,
    onOutput: (stream, piece) => reader.push(stream, piece),
  });
  reader.flush();
  const outcome = judgeOutcome({
    ...exit,
    phase: "CheckingInputs",
    reason: seen.reason,
    errorCount: seen.count,
    errors: seen.lines,
    unclosedFiles: [],
    freeDiskMib: await freeDiskMib(context.paths.work),
    limits: limitsOf(context),
  });
  if (outcome.state === "SUCCEEDED") return undefined;
  for (const line of kept) context.spool.add(...line);
  context.spool.flush();
  return { outcome, at: exit.at };
}

async function allFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}
