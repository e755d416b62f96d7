import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { RunnerSpec } from "@/lib/domain/runner-protocol";
import { simulationCommand, stepLogPeriod, timeSpan } from "@/lib/sumo/command";
import { judgeOutcome } from "@/lib/sumo/outcome";
import {
  EDGE_DATA_DEFINITION,
  type OutputPlan,
  OWN_FILES,
  planOutputs,
} from "@/lib/sumo/output-options";
import type { ResolvedOptions } from "@/lib/sumo/resolved";
import type { AttemptPaths } from "./attempt-paths";
import { checkInputs } from "./check-inputs";
import { DiskWatch, freeDiskMib } from "./disk-watch";
import { ErrorsSeen } from "./errors-seen";
import { settleOwnFiles } from "./own-files";
import { ProgressWriter } from "./progress-writer";
import { type InputScan, rewriteInputs } from "./rewrite-inputs";
import {
  limitsOf,
  processOf,
  type RunContext,
  recordCommand,
  type SumoInstallation,
} from "./run-context";
import { enterPhase, readJson, writeEnded } from "./spool-files";
import { OutputReader, SpoolWriter } from "./spool-writer";
import { runSumo, type SumoExit } from "./sumo-process";
import { unclosedFiles } from "./unclosed-files";

/**
 * Runs SUMO on the inputs that were fetched, from the check to its end, and leaves everything it says and the
 * outcome in files. Throws RunFailure, or what the file system throws.
 */
export async function simulate(paths: AttemptPaths, sumo: SumoInstallation): Promise<void> {
  const spec = readJson(paths.spec, RunnerSpec);
  if (!spec) throw new Error("There is no spec: the inputs were not fetched.");
  const started = new Date();
  enterPhase(paths, "CheckingInputs", started);
  const context: RunContext = {
    paths,
    spec,
    sumo,
    spool: new SpoolWriter(paths.lines),
    disk: new DiskWatch(paths.dir, spec.limits.disk_mib),
    deadline: started.getTime() + spec.limits.time_limit_seconds * 1_000,
  };
  try {
    await run(context);
  } finally {
    context.disk.stop();
  }
}

async function run(context: RunContext): Promise<void> {
  const { paths, spool } = context;
  const scan = await rewriteInputs(paths);
  makeFolders(paths.work, scan.folders);
  const checked = await checkInputs(context);
  if ("outcome" in checked) return writeEnded(paths, checked.outcome, checked.at);
  const plan = planOutputs(checked.resolved);
  for (const note of [...scan.notes, ...plan.notes])
    spool.add(`Warning: ${note}`, "warning", "stderr");
  spool.flush();
  makeFolders(
    paths.work,
    plan.files.map((path) => dirname(path)),
  );
  writeFileSync(join(paths.work, OWN_FILES.edgeDataDefinition), EDGE_DATA_DEFINITION);
  const period = stepLogPeriod(networkBytes(paths.work, checked.resolved));
  const args = simulationCommand(context.spec, checked.resolved, plan, period);
  recordCommand(context, args, checked.resolvedXml);
  await simulateWith(context, args, plan, { scan, resolved: checked.resolved });
}

type Known = { readonly scan: InputScan; readonly resolved: ResolvedOptions };

async function simulateWith(
  context: RunContext,
  args: readonly string[],
  plan: OutputPlan,
  known: Known,
): Promise<void> {
  const { paths, spec, spool } = context;
  const seen = new ErrorsSeen();
  const basis = {
    ...timeSpan(spec.run, known.resolved),
    demandEndSeconds: known.scan.demandEndSeconds,
  };
  const progress = new ProgressWriter({
    work: paths.work,
    summary: plan.summary,
    target: paths.progress,
    basis,
  });
  const reader = new OutputReader({
    onStep: (step) => progress.take(step),
    onLine: (text, level, stream, atMs) => {
      seen.take(text, level);
      spool.add(text, level, stream, atMs);
    },
  });
  enterPhase(paths, "Simulating");
  const exit = await runSumo({
    ...processOf(context),
    args,
    onOutput: (stream, piece) => {
      reader.push(stream, piece);
      flush(spool);
    },
  }).finally(() => progress.end());
  reader.flush();
  spool.flush();
  await conclude(context, plan, seen, exit);
}

async function conclude(
  context: RunContext,
  plan: OutputPlan,
  seen: ErrorsSeen,
  exit: SumoExit,
): Promise<void> {
  const { paths } = context;
  const outcome = judgeOutcome({
    ...exit,
    phase: "Simulating",
    reason: seen.reason,
    errorCount: seen.count,
    errors: seen.lines,
    unclosedFiles: unclosedFiles(paths.work, plan.files),
    freeDiskMib: await freeDiskMib(paths.work),
    limits: limitsOf(context),
  });
  settleOwnFiles(paths.work, plan);
  enterPhase(paths, "UploadingResults", exit.at);
  writeEnded(paths, outcome, exit.at);
}

/** Lines that a full disk does not take stay in memory until the disk watch has ended the run. */
function flush(spool: SpoolWriter): void {
  try {
    spool.flush();
  } catch {
    // The next flush tries again.
  }
}

/** SUMO makes no folders. */
function makeFolders(work: string, folders: readonly string[]): void {
  for (const folder of folders) mkdirSync(join(work, folder), { recursive: true });
}

/** A packed network is about a fifteenth of what SUMO reads. */
function networkBytes(work: string, resolved: ResolvedOptions): number {
  const path = join(work, resolved.get("net-file") ?? "");
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return path.endsWith(".gz") ? size * 15 : size;
}
