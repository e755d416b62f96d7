import type { AttemptName, AttemptRef, AttemptSpec, Observation } from "@/lib/domain/attempt";

export type OutputOptions = { readonly tailLines?: number; readonly signal?: AbortSignal };

/** Four methods, all idempotent or read-only, all in our words. tests/contract/backend.ts defines "works". */
export interface ExecutionBackend {
  /** How many attempts may exist at once; Infinity when the backend queues by itself. */
  readonly capacity: number;
  /** Starts the attempt, or does nothing when one of that name exists. */
  start(spec: AttemptSpec): Promise<void>;
  /** Every attempt this backend holds. Throws rather than return a partial view. */
  observe(): Promise<ReadonlyMap<AttemptName, Observation>>;
  /** Stops the attempt if needed, with all its processes, and forgets it; absent is success. */
  remove(ref: AttemptRef): Promise<void>;
  /** Raw output of the runner: for attempts that never spoke, and for admins. */
  output(ref: AttemptRef, options: OutputOptions): AsyncIterable<string>;
  /** Names of attempts whose observation may have changed; only wakes the loop. */
  changes(signal: AbortSignal): AsyncIterable<AttemptName>;
}
