export const JOB_STATES = [
  "QUEUED",
  "PENDING",
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "CANCELLED",
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** QUEUED waits for us, PENDING is handed to the backend, RUNNING simulates. Back to PENDING: a new attempt. */
const NEXT = {
  QUEUED: ["PENDING", "FAILED", "CANCELLED"],
  PENDING: ["RUNNING", "QUEUED", "FAILED", "CANCELLED"],
  RUNNING: ["PENDING", "SUCCEEDED", "FAILED", "CANCELLED"],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
} as const satisfies Record<JobState, readonly JobState[]>;

export function canMove(from: JobState, to: JobState): boolean {
  return (NEXT[from] as readonly JobState[]).includes(to);
}

export function isFinal(state: JobState): boolean {
  return NEXT[state].length === 0;
}

export const FINAL_STATES: readonly JobState[] = JOB_STATES.filter(isFinal);
export const OPEN_STATES: readonly JobState[] = JOB_STATES.filter((state) => !isFinal(state));
