import type { AttemptOutcome } from "@/lib/db/schema/jobs";
import type { Observation } from "@/lib/domain/attempt";
import type { JobReason } from "@/lib/domain/job-reason";

export const MAX_ATTEMPTS = 3;
/** A start that the backend refused so often counts as a lost attempt. */
const MAX_FAILED_STARTS = 5;
const START_RETRY_MS = 5_000;
/** The runner has ten seconds for its processes and the first results; then we end it. */
const CANCEL_PATIENCE_MS = 9_000;
/** A start of a moment ago may not be in a view of the backend that was taken before it. */
const ABSENCE_MS = 10_000;
/** A runner reports every second, and goes on trying for as long as its attempt may live. */
const SILENCE_MS = 600_000;

/** What is known of a started job (PENDING or RUNNING) and its present attempt. */
export type Known = {
  readonly attemptNumber: number;
  readonly cancelRequestedAt: Date | null;
  readonly reason: JobReason | null;
  readonly message: string | null;
  readonly outcome: AttemptOutcome | null;
  /** When the backend took it or it first spoke. */
  readonly startedAt: Date | null;
  readonly lastReportAt: Date | null;
  readonly createdAt: Date;
  readonly failedStarts: { readonly count: number; readonly lastAt: Date } | undefined;
};

/** Undefined: the backend holds no such attempt. */
export type Seen = Observation | "unknown" | undefined;

export type Step =
  | { readonly do: "nothing" }
  /** Start it (again: starting is idempotent). */
  | { readonly do: "start" }
  /** The backend says why it waits. */
  | { readonly do: "explain"; readonly reason: JobReason; readonly message: string | null }
  /** Its outcome has arrived: make the final state. */
  | { readonly do: "finish"; readonly outcome: AttemptOutcome }
  /** End it by force; keep what has arrived. */
  | { readonly do: "cancel" }
  /** It is gone without a word: another attempt. */
  | { readonly do: "replace"; readonly at: Date; readonly message: string }
  | {
      readonly do: "fail";
      readonly at: Date;
      readonly reason: JobReason;
      readonly message: string;
    };

const NOTHING: Step = { do: "nothing" };

/**
 * The next step of one started job. Pure. `listeningSince` is since when this portal could have heard
 * the runner: silence before it proves nothing.
 */
export function decide(job: Known, seen: Seen, now: Date, listeningSince: Date): Step {
  if (job.outcome) return { do: "finish", outcome: job.outcome };
  if (seen === "unknown") return NOTHING;
  if (job.cancelRequestedAt) return decideCancel(job, job.cancelRequestedAt, seen, now);
  if (!seen) return decideAbsent(job, now);
  switch (seen.phase) {
    case "waiting":
      return hasBegun(job) ? explain(job, seen) : startAgain(job, now);
    case "active":
      return isSilent(job, now, listeningSince)
        ? lost(job, now, "Its runner has not reported for ten minutes.")
        : NOTHING;
    case "ended":
      return seen.failure
        ? lost(job, seen.at, seen.failure.message)
        : lost(job, seen.at, "Its runner is gone without a word.");
    default:
      return seen satisfies never;
  }
}

function decideCancel(
  job: Known,
  requestedAt: Date,
  seen: Observation | undefined,
  now: Date,
): Step {
  const mayStillAnswer = seen?.phase === "active" && job.lastReportAt !== null;
  const waitedMs = now.getTime() - requestedAt.getTime();
  return mayStillAnswer && waitedMs < CANCEL_PATIENCE_MS ? NOTHING : { do: "cancel" };
}

/** A start that was cut before it was noted may have got only half way. */
function hasBegun(job: Known): boolean {
  return job.startedAt !== null || job.lastReportAt !== null;
}

function decideAbsent(job: Known, now: Date): Step {
  const begun = job.startedAt ?? job.lastReportAt;
  if (begun) {
    const isFresh = now.getTime() - begun.getTime() < ABSENCE_MS;
    return isFresh
      ? NOTHING
      : lost(job, job.lastReportAt ?? begun, "Its runner is gone without a word.");
  }
  return startAgain(job, now);
}

function startAgain(job: Known, now: Date): Step {
  const failed = job.failedStarts;
  if (!failed) return { do: "start" };
  if (failed.count >= MAX_FAILED_STARTS)
    return lost(job, failed.lastAt, "It could not be started.");
  return now.getTime() - failed.lastAt.getTime() < START_RETRY_MS ? NOTHING : { do: "start" };
}

function explain(
  job: Known,
  { reason, message = null }: { reason: JobReason; message?: string | null },
): Step {
  return job.reason === reason && job.message === message
    ? NOTHING
    : { do: "explain", reason, message };
}

function isSilent(job: Known, now: Date, listeningSince: Date): boolean {
  const heard = (job.lastReportAt ?? job.startedAt ?? job.createdAt).getTime();
  return now.getTime() - Math.max(heard, listeningSince.getTime()) > SILENCE_MS;
}

function lost(job: Known, at: Date, what: string): Step {
  if (job.attemptNumber < MAX_ATTEMPTS) {
    const next = `Attempt ${job.attemptNumber + 1} of ${MAX_ATTEMPTS} follows.`;
    return { do: "replace", at, message: `${what} ${next}` };
  }
  return {
    do: "fail",
    at,
    reason: "TooManyDisruptions",
    message: `${what} It was the last of ${MAX_ATTEMPTS} attempts; lines and files of all of them are kept.`,
  };
}
