import { EventEmitter } from "node:events";

/**
 * What wakes this process's waiters: `job:<id>` (state, phase, progress), `lines:<id>` (new log lines),
 * `reconcile`. A signal carries no content and may be lost; who waits looks at the database anyway.
 */
export type Signal = `job:${string}` | `lines:${string}` | "reconcile";

export class Hub {
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  readonly #closing = new AbortController();

  emit(signal: Signal): void {
    this.#emitter.emit(signal);
  }

  on(signal: Signal, listener: () => void): () => void {
    this.#emitter.on(signal, listener);
    return () => this.#emitter.off(signal, listener);
  }

  /** Aborts when the process is to end: streams say good-bye, loops stop. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  close(): void {
    this.#closing.abort();
  }
}
