import type { Db } from "@/lib/db/client";
import type { Job } from "@/lib/db/schema/jobs";
import type { AttemptPhase } from "@/lib/domain/attempt";
import type { JobReason } from "@/lib/domain/job-reason";
import { Report, type ReportAnswer } from "@/lib/domain/runner-protocol";
import { moveJob } from "@/lib/jobs/store";
import { countLevels, encodeLines } from "@/lib/logs/codec";
import { AttemptGone, answer, type Call, readBody } from "./call";
import { planReport, type ReportPlan } from "./plan-report";
import {
  insertChunk,
  insertProgress,
  lockRunning,
  type RunningAttempt,
  recordPhases,
  updateAttempt,
  updateJob,
} from "./store";

const MAX_BYTES = 32 * 2 ** 20;
const NEXT_REPORT_MS = 1_000;
/** Of the ten seconds that a cancel may take, what the runner may use. */
const CANCEL_SECONDS = 9;

const MESSAGES: Record<AttemptPhase, string> = {
  DownloadingInputs: "The input files are on their way to the machine.",
  CheckingInputs: "SUMO loads the scenario to check it.",
  Simulating: "SUMO is simulating.",
  UploadingResults: "SUMO has ended; the results are being stored.",
};

/** POST /v1/report: one transaction, safe to repeat. */
export async function takeReport({ portal, name, request, response }: Call): Promise<void> {
  const report = await readBody(request, Report, MAX_BYTES);
  const { running, plan } = await portal.database.db.transaction(async (tx) => {
    const running = await lockRunning(tx, name);
    if (!running) throw new AttemptGone();
    const plan = planReport(running.attempt, report);
    await storeLines(tx, running, plan);
    await storePhases(tx, running, plan);
    await storeState(tx, running, report, plan);
    return { running, plan };
  });
  portal.metrics.reportLag((Date.now() - Date.parse(report.at)) / 1_000);
  if (plan.lines.length > 0) portal.hub.emit(`lines:${running.job.id}`);
  portal.hub.emit(`job:${running.job.id}`);
  answer(response, 200, toReportAnswer(running, plan.nextLine, new Date()));
}

async function storeLines(
  tx: Db,
  { attempt }: RunningAttempt,
  { lines }: ReportPlan,
): Promise<void> {
  if (lines.length === 0) return;
  await insertChunk(tx, {
    jobId: attempt.jobId,
    attempt: attempt.number,
    firstLine: attempt.lineCount,
    lineCount: lines.length,
    ...countLevels(lines),
    lines: await encodeLines(lines),
  });
}

/** Phases make the timeline; Simulating is what RUNNING means, at the runner's own time of it. */
async function storePhases(tx: Db, running: RunningAttempt, { phases }: ReportPlan): Promise<void> {
  await recordPhases(tx, running, phases);
  const simulating = phases.find(({ phase }) => phase === "Simulating");
  if (!simulating || running.job.state !== "PENDING") return;
  const { reason, message } = presentReason(running.job, "Simulating");
  await moveJob(tx, running.job, "RUNNING", {
    reason,
    message,
    at: simulating.at,
    actor: "runner",
  });
}

function presentReason(
  job: Job,
  phase: AttemptPhase,
): { reason: JobReason; message: string | null } {
  return job.cancelRequestedAt
    ? { reason: "Cancelling", message: job.message }
    : { reason: phase, message: MESSAGES[phase] };
}

async function storeState(
  tx: Db,
  running: RunningAttempt,
  report: Report,
  { fresh, phases, nextLine }: ReportPlan,
): Promise<void> {
  const { job, attempt } = running;
  const progress = fresh ? report.progress : null;
  if (progress)
    await insertProgress(tx, running, { seq: report.seq, at: new Date(report.at), progress });
  const last = phases.at(-1);
  await updateAttempt(tx, attempt, {
    lineCount: nextLine,
    lastReportAt: new Date(),
    reportSeq: Math.max(attempt.reportSeq, report.seq),
    startedAt: attempt.startedAt ?? phases[0]?.at ?? new Date(report.at),
    phase: last?.phase ?? attempt.phase,
    simulatingAt: phases.find(({ phase }) => phase === "Simulating")?.at ?? attempt.simulatingAt,
    sumoVersion: attempt.sumoVersion ?? report.sumo_version,
    command: attempt.command ?? report.command,
  });
  await updateJob(tx, job, {
    logLines: attempt.firstLine + nextLine,
    ...(progress ? { progress } : {}),
    ...(last ? presentReason(job, last.phase) : {}),
  });
}

/** A stop leaves the runner what remains of the time that a cancel may take. */
export function toReportAnswer(
  { job, attempt }: Pick<RunningAttempt, "job" | "attempt">,
  nextLine: number,
  now: Date,
): ReportAnswer {
  const asked = attempt.stopRequestedAt;
  const waited = asked ? (now.getTime() - (job.cancelRequestedAt ?? asked).getTime()) / 1_000 : 0;
  return {
    next_line: nextLine,
    next_report_ms: NEXT_REPORT_MS,
    stop: asked ? { reason: "cancel", grace_seconds: Math.max(1, CANCEL_SECONDS - waited) } : null,
  };
}
