import type { Brand } from "./brand";
import type { JobReason } from "./job-reason";

/** `sim-<job uuid>-<number>`: at most 63 characters, so that it can name a Kubernetes Job. */
export type AttemptName = Brand<string, "AttemptName">;

export type AttemptRef = { readonly name: AttemptName; readonly namespace: string };

/** What a backend needs to start an attempt; all else the runner asks the portal for. */
export type AttemptSpec = AttemptRef & {
  readonly jobId: string;
  readonly tenantId: string;
  readonly number: number;
  readonly token: string;
  readonly cpu: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly timeLimitSeconds: number;
};

/**
 * What a backend sees of an attempt; one that is not in the map is not there. The runner itself
 * tells the rest (phases, exit status) over its own protocol.
 */
export type Observation =
  | { readonly phase: "waiting"; readonly reason: JobReason; readonly message?: string }
  | { readonly phase: "active" }
  /** Nothing of it runs any more. `failure` is set when the backend itself knows why. */
  | {
      readonly phase: "ended";
      readonly at: Date;
      readonly failure?: { readonly reason: JobReason; readonly message: string };
    };

/** Phases of an attempt, in order, as the runner reports them. */
export const ATTEMPT_PHASES = [
  "DownloadingInputs",
  "CheckingInputs",
  "Simulating",
  "UploadingResults",
] as const;
export type AttemptPhase = (typeof ATTEMPT_PHASES)[number];

export function attemptName(jobId: string, number: number): AttemptName {
  return `sim-${jobId}-${number}` as AttemptName;
}

/** The inverse of attemptName; undefined for anything else. */
export function parseAttemptName(name: string): { jobId: string; number: number } | undefined {
  const match = /^sim-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{1,4})$/.exec(name);
  return match?.[1] && match[2] ? { jobId: match[1], number: Number(match[2]) } : undefined;
}
