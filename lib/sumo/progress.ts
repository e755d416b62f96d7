import type { Progress } from "@/lib/domain/progress";
import type { StepRecord } from "./step-log";

/** What is known of a run besides its step records. */
export type ProgressBasis = {
  readonly beginSeconds: number;
  readonly endSeconds: number | null;
  /** Departure of the last vehicle, as far as the demand says; a lower bound of the end. */
  readonly demandEndSeconds: number | null;
};

/** The last figures of the summary output; null until SUMO wrote some. */
export type SummaryFigures = { readonly meanSpeed: number | null; readonly teleports: number };

/** A step record with the wall time, in seconds, at which it came. */
export type Moment = { readonly step: StepRecord; readonly wallSeconds: number };

/** Moments older than this say nothing about the speed to come: it follows the number of vehicles. */
export const RECENT_SECONDS = 30;

/** `moments` are those of the last RECENT_SECONDS, oldest first, at least one. */
export function toProgress(
  basis: ProgressBasis,
  moments: readonly Moment[],
  summary: SummaryFigures | null,
): Progress | null {
  const last = moments.at(-1);
  if (!last) return null;
  const time = last.step.timeSeconds;
  const end = basis.endSeconds ?? estimatedEnd(basis, time);
  const speed = speedOf(moments) ?? last.step.realTimeFactor;
  return {
    time_seconds: time,
    begin_seconds: basis.beginSeconds,
    end_seconds: end,
    end_is_estimate: basis.endSeconds === null,
    percent: percentOf(basis.beginSeconds, time, end),
    running: last.step.running ?? 0,
    waiting: last.step.waiting ?? 0,
    mean_speed: summary?.meanSpeed ?? null,
    teleports: summary?.teleports ?? 0,
    real_time_factor: speed === null ? null : round(speed, 2),
    remaining_seconds: end === null || !speed ? null : round(Math.max(0, end - time) / speed, 1),
  };
}

/** Past the last departure the network only drains, and nobody knows how long that takes. */
function estimatedEnd({ demandEndSeconds }: ProgressBasis, time: number): number | null {
  return demandEndSeconds !== null && demandEndSeconds > time ? demandEndSeconds : null;
}

function percentOf(begin: number, time: number, end: number | null): number | null {
  if (end === null || end <= begin) return null;
  return round(Math.min(100, Math.max(0, ((time - begin) / (end - begin)) * 100)), 1);
}

/** Simulated seconds per second over the moments; null when they are too close together. */
function speedOf(moments: readonly Moment[]): number | null {
  const [first] = moments;
  const last = moments.at(-1);
  if (!first || !last || last.wallSeconds - first.wallSeconds < 0.2) return null;
  return (last.step.timeSeconds - first.step.timeSeconds) / (last.wallSeconds - first.wallSeconds);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Figures of the last whole `<step .../>` in a piece of a summary output; undefined when there is none. */
export function lastSummaryStep(text: string): SummaryFigures | undefined {
  const end = text.lastIndexOf("/>");
  const start = end < 0 ? -1 : text.lastIndexOf("<step ", end);
  if (start < 0) return undefined;
  const step = text.slice(start, end);
  const speed = Number(/\smeanSpeed="([^"]*)"/.exec(step)?.[1] ?? Number.NaN);
  const teleports = Number(/\steleports="(\d+)"/.exec(step)?.[1] ?? 0);
  return { meanSpeed: Number.isFinite(speed) && speed >= 0 ? speed : null, teleports };
}
