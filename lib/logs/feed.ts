import { isFinal, type JobState } from "@/lib/domain/job-state";
import { eventText } from "@/lib/http/sse";
import type { Hub } from "@/lib/hub";
import type { Logger } from "@/lib/log";
import type { LogDeps } from "./blocks";
import { type NumberedLine, readLines } from "./read";
import { findLogPosition, type JobRef } from "./store";

/** Events of some lines, encoded once for all readers that are at `first`. */
export type Batch = { readonly first: number; readonly next: number; readonly bytes: Uint8Array };
export type FeedEnd = { readonly state: JobState | "DELETED"; readonly message: string | null };
export type FeedDeps = LogDeps & { readonly hub: Hub; readonly log: Pick<Logger, "warn"> };

const POLL_MS = 500;
const MIN_PAUSE_MS = 100;
const RECENT_BYTES = 4 * 2 ** 20;
const RECENT_BATCHES = 64;
const LINES_A_BATCH = 1_000;
const SHARED_READS = 8;

const encoder = new TextEncoder();

/**
 * One look at a job's log for all its readers in this process. It holds the newest batches only; who is
 * behind them reads from storage, so a slow reader costs no memory and loses nothing.
 */
export class LogFeed {
  readonly #deps: FeedDeps;
  readonly #job: JobRef;
  readonly #waiting = new Set<() => void>();
  readonly #shared = new Map<number, Promise<Batch>>();
  #recent: Batch[] = [];
  #next: number | undefined;
  #end: FeedEnd | undefined;

  constructor(deps: FeedDeps, job: JobRef) {
    this.#deps = deps;
    this.#job = job;
  }

  /** Where the feed is: all lines before it are in storage. Undefined before its first look. */
  get next(): number | undefined {
    return this.#next;
  }

  /** Set once no line can follow. */
  get end(): FeedEnd | undefined {
    return this.#end;
  }

  /** Looks until the log is at its end, or nobody reads any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!(signal.aborted || this.#end)) {
      const woken = this.#wakeUp(signal); // before the look: what comes meanwhile counts
      await this.#look().catch((err: unknown) => {
        if (!signal.aborted)
          this.#deps.log.warn({ err, jobId: this.#job.id }, "a log feed could not read");
      });
      if (!this.#end) await woken;
    }
    this.#release();
  }

  /** Lines from `position` on, up to where the next batch begins; undefined when there are none yet. */
  async batchAt(position: number): Promise<Batch | undefined> {
    const recent = this.#recent.find(({ first }) => first === position);
    if (recent) return recent;
    if (this.#next === undefined || position >= this.#next) return undefined;
    const boundary = this.#recent.find(({ first }) => first > position)?.first ?? this.#next;
    return this.#readShared(position, boundary);
  }

  /** Resolves when there may be more. */
  changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
    });
  }

  /** Lets a reader go that waits. */
  release(): void {
    this.#release();
  }

  async #look(): Promise<void> {
    const position = await findLogPosition(this.#deps.database.db, this.#job);
    this.#next ??= position?.logLines ?? 0;
    const total = position?.logLines ?? this.#next;
    while (this.#next < total) this.#add(await this.#read(this.#next, total));
    if (!position) this.#end = { state: "DELETED", message: "The job was deleted." };
    else if (isFinal(position.state)) this.#end = position;
    this.#release();
  }

  #add(batch: Batch): void {
    this.#recent.push(batch);
    this.#next = batch.next;
    let bytes = this.#recent.reduce((sum, each) => sum + each.bytes.length, 0);
    while (bytes > RECENT_BYTES || this.#recent.length > RECENT_BATCHES) {
      bytes -= this.#recent.shift()?.bytes.length ?? 0;
    }
    this.#release();
  }

  /** Many readers that start together read the same: one of them does. */
  #readShared(position: number, boundary: number): Promise<Batch> {
    const present = this.#shared.get(position);
    if (present !== undefined) return present;
    const read = this.#read(position, boundary);
    void read.catch(() => this.#shared.delete(position));
    this.#shared.set(position, read);
    for (const oldest of this.#shared.keys()) {
      if (this.#shared.size <= SHARED_READS) break;
      this.#shared.delete(oldest);
    }
    return read;
  }

  async #read(from: number, before: number): Promise<Batch> {
    const query = { from, before, limit: LINES_A_BATCH, tail: 0 };
    const { lines, next } = await readLines(this.#deps, this.#job, query);
    return {
      first: from,
      next: Math.max(next, from + 1),
      bytes: encoder.encode(lines.map(toEvent).join("")),
    };
  }

  #release(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  /** A signal of this process, or the time at which another portal may have stored lines; never at once. */
  #wakeUp(signal: AbortSignal): Promise<void> {
    const { hub } = this.#deps;
    const started = performance.now();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        offLines();
        offJob();
        signal.removeEventListener("abort", end);
        resolve();
      };
      let timer = setTimeout(end, POLL_MS);
      const soon = () => {
        clearTimeout(timer);
        timer = setTimeout(end, Math.max(0, MIN_PAUSE_MS - (performance.now() - started)));
      };
      const offLines = hub.on(`lines:${this.#job.id}`, soon);
      const offJob = hub.on(`job:${this.#job.id}`, soon);
      signal.addEventListener("abort", end);
    });
  }
}

function toEvent({ n, line: [time, , level, message] }: NumberedLine): string {
  return eventText({ message, n, time: new Date(time).toISOString(), level }, { id: n });
}
