import { attemptToken } from "@/lib/attempts/token";
import type { Job } from "@/lib/db/schema/jobs";
import { type AttemptRef, type AttemptSpec, attemptName } from "@/lib/domain/attempt";
import { type Fence, moveJob } from "@/lib/jobs/store";
import { archiveLog } from "@/lib/logs/archive";
import type { Runtime } from "@/lib/runtime";
import type { Step } from "./decide";
import { toFinalMoves } from "./final-state";
import { explainJob, findStarted, markRemoved, markStarted, replaceAttempt } from "./store";
import { within } from "./within";
import type { Leftover, StartedJob } from "./world/store";

export const START_TIMEOUT_MS = 30_000;
const REMOVE_TIMEOUT_MS = 30_000;

export type ReconcilerDeps = Pick<
  Runtime,
  "database" | "store" | "backend" | "hub" | "metrics" | "log" | "env" | "attemptSecret"
>;
export type Placed = Pick<
  StartedJob,
  "jobId" | "tenantId" | "namespace" | "attempt" | "cpu" | "memoryMib" | "timeLimitSeconds"
>;

/** Does one step of one job. Errors are the caller's to tell; the next pass decides anew. */
export async function applyStep(
  deps: ReconcilerDeps,
  fence: Fence,
  job: StartedJob,
  step: Step,
): Promise<void> {
  const { db } = deps.database;
  switch (step.do) {
    case "nothing":
      return;
    case "start":
      return startAttempt(deps, fence, job);
    case "explain":
      return explainJob(db, fence, job, step, new Date());
    case "finish":
      return finishJob(deps, fence, job);
    case "cancel":
      return cancelByForce(deps, fence, job);
    case "replace":
      return replaceLost(deps, fence, job, step);
    case "fail":
      return giveUp(deps, fence, job, step);
    default:
      return step satisfies never;
  }
}

/** Safe to repeat: a backend starts an attempt of one name once. */
export async function startAttempt(deps: ReconcilerDeps, fence: Fence, job: Placed): Promise<void> {
  await within(
    START_TIMEOUT_MS,
    "starting an attempt",
    deps.backend.start(toAttemptSpec(deps, job)),
  );
  await markStarted(deps.database.db, fence, job, new Date());
}

function toAttemptSpec({ attemptSecret, env }: ReconcilerDeps, job: Placed): AttemptSpec {
  const name = attemptName(job.jobId, job.attempt);
  return {
    name,
    namespace: job.namespace,
    jobId: job.jobId,
    tenantId: job.tenantId,
    number: job.attempt,
    token: attemptToken(attemptSecret, name),
    cpu: job.cpu,
    memoryMib: job.memoryMib,
    diskMib: env.JOB_DISK_MIB,
    timeLimitSeconds: job.timeLimitSeconds,
  };
}

/** First the log is stored, then the final state; the backend's part is removed as a leftover afterwards. */
async function finishJob(deps: ReconcilerDeps, fence: Fence, started: StartedJob): Promise<void> {
  const found = await findStarted(deps.database.db, started);
  if (!found?.attempt.outcome) return;
  const { job, attempt } = found;
  await archiveLog(deps, job, attempt);
  let { state } = job;
  for (const { to, ...move } of toFinalMoves(job, attempt, new Date())) {
    if (
      !(await moveJob(deps.database.db, { ...job, state }, to, { ...move, actor: "runner", fence }))
    )
      return;
    state = to;
  }
  deps.metrics.attemptEnded(attempt.outcome?.reason ?? "Internal");
  if (attempt.simulatingAt)
    deps.metrics.wait((attempt.simulatingAt.getTime() - job.submittedAt.getTime()) / 1_000);
}

/** The runner did not end in time, or never spoke. Should its outcome have come meanwhile, that counts. */
async function cancelByForce(
  deps: ReconcilerDeps,
  fence: Fence,
  started: StartedJob,
): Promise<void> {
  const job = await endByForce(deps, started);
  if (!job) return finishJob(deps, fence, started);
  const isMoved = await moveJob(deps.database.db, job, "CANCELLED", {
    reason: "CancelledByUser",
    message: "Cancelled. What had arrived until then is kept.",
    at: new Date(),
    actor: "portal",
    fence,
  });
  if (isMoved) deps.metrics.attemptEnded("CancelledByUser");
}

async function replaceLost(
  deps: ReconcilerDeps,
  fence: Fence,
  started: StartedJob,
  { at, message }: { readonly at: Date; readonly message: string },
): Promise<void> {
  if (!(await endByForce(deps, started))) return; // its word came after all; the next pass finishes it
  const isReplaced = await replaceAttempt(deps.database.db, fence, started, {
    reason: "RunnerLost",
    message,
    at,
    now: new Date(),
  });
  if (isReplaced) deps.metrics.attemptEnded("RunnerLost");
}

async function giveUp(
  deps: ReconcilerDeps,
  fence: Fence,
  started: StartedJob,
  { at, reason, message }: Extract<Step, { do: "fail" }>,
): Promise<void> {
  const job = await endByForce(deps, started);
  if (!job) return;
  const isMoved = await moveJob(deps.database.db, job, "FAILED", {
    reason,
    message,
    at,
    actor: "portal",
    fence,
  });
  if (isMoved) deps.metrics.attemptEnded(reason);
}

/**
 * Takes the attempt from the backend and stores the log that has arrived. Undefined when its outcome came
 * meanwhile, which counts, or when the job has moved on.
 */
async function endByForce(deps: ReconcilerDeps, started: StartedJob): Promise<Job | undefined> {
  await removeFromBackend(deps, started);
  const found = await findStarted(deps.database.db, started);
  if (!found || found.attempt.outcome) return undefined;
  await archiveLog(deps, found.job, found.attempt);
  return found.job;
}

/** Removes what no open job wants any more. */
export async function removeLeftover(
  deps: ReconcilerDeps,
  fence: Fence,
  leftover: Leftover,
): Promise<void> {
  await removeFromBackend(deps, leftover);
  await markRemoved(deps.database.db, fence, leftover, new Date());
}

async function removeFromBackend(
  { backend }: ReconcilerDeps,
  { jobId, attempt, namespace }: Leftover,
): Promise<void> {
  const ref: AttemptRef = { name: attemptName(jobId, attempt), namespace };
  await within(REMOVE_TIMEOUT_MS, "removing an attempt", backend.remove(ref));
}
