import { ATTEMPT_PHASES, type AttemptPhase } from "@/lib/domain/attempt";
import type { LogLine, Report } from "@/lib/domain/runner-protocol";

export type ReportPlan = {
  /** Not seen before: its progress counts. */
  readonly fresh: boolean;
  /** Lines that are not stored yet; the first one's number is the attempt's line count. */
  readonly lines: readonly LogLine[];
  /** Phases that were not recorded yet, in order. */
  readonly phases: readonly { readonly phase: AttemptPhase; readonly at: Date }[];
  /** Lines that will be stored after it. */
  readonly nextLine: number;
};

type Stored = {
  readonly lineCount: number;
  readonly reportSeq: number;
  readonly phase: AttemptPhase | null;
};

/** What of a report is new, whatever was lost or repeated on the way. Lines after a gap are left for the next report. */
export function planReport(stored: Stored, report: Report): ReportPlan {
  const known = stored.lineCount - report.first_line;
  const lines = known < 0 ? [] : report.lines.slice(known);
  return {
    fresh: report.seq > stored.reportSeq,
    lines,
    phases: newPhases(stored.phase, report.phases),
    nextLine: stored.lineCount + lines.length,
  };
}

function newPhases(present: AttemptPhase | null, told: Report["phases"]): ReportPlan["phases"] {
  const reached = present === null ? -1 : ATTEMPT_PHASES.indexOf(present);
  return told
    .filter(({ phase }) => ATTEMPT_PHASES.indexOf(phase) > reached)
    .toSorted((a, b) => ATTEMPT_PHASES.indexOf(a.phase) - ATTEMPT_PHASES.indexOf(b.phase))
    .map(({ phase, at }) => ({ phase, at: new Date(at) }));
}
