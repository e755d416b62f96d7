import type { Attempt, Job } from "@/lib/db/schema/jobs";
import type { JobReason } from "@/lib/domain/job-reason";
import type { JobState } from "@/lib/domain/job-state";

export type FinalMove = {
  readonly to: JobState;
  readonly reason: JobReason;
  readonly message: string;
  readonly at: Date;
};

/**
 * The moves that an arrived outcome makes, each with the time at which it happened. A short run may end
 * before its RUNNING was taken in: it is recorded first. Success needs all results. Pure; `now` stands in
 * where the runner named no time.
 */
export function toFinalMoves(
  job: Pick<Job, "state">,
  attempt: Pick<Attempt, "outcome" | "manifestComplete" | "simulatingAt" | "finishedAt">,
  now: Date,
): FinalMove[] {
  const { outcome } = attempt;
  if (!outcome) return [];
  const at = attempt.finishedAt ?? now;
  const isIncomplete = outcome.state === "SUCCEEDED" && !attempt.manifestComplete;
  const final: FinalMove = isIncomplete
    ? {
        to: "FAILED",
        reason: "ResultUploadFailed",
        message: "SUMO ended well, but not all result files could be stored.",
        at,
      }
    : { to: outcome.state, reason: outcome.reason, message: outcome.message, at };
  const wasSimulating = attempt.simulatingAt !== null || outcome.state === "SUCCEEDED";
  if (job.state !== "PENDING" || !wasSimulating) return [final];
  const running: FinalMove = {
    to: "RUNNING",
    reason: "Simulating",
    message: "SUMO is simulating.",
    at: attempt.simulatingAt ?? at,
  };
  return [running, final];
}
