import type { Logger } from "@/lib/log";
import { type FeedDeps, type FeedEnd, LogFeed } from "./feed";
import type { JobRef } from "./store";

const RETRY_MS = 1_000;

type Shared = { readonly feed: LogFeed; readonly stop: AbortController; readers: number };

export type FollowOptions = {
  /** The first line to give. */
  readonly from: number;
  /** Ends the reading. */
  readonly signal: AbortSignal;
  /** The last event. */
  readonly toEnd: (end: FeedEnd) => Uint8Array;
};

/** The feeds of this process: one a job that somebody watches. */
export class LogFeeds {
  readonly #deps: FeedDeps;
  readonly #feeds = new Map<string, Shared>();

  constructor(deps: FeedDeps) {
    this.#deps = deps;
  }

  /** Encoded events of all lines from `from` on, each once and in order, as they come; then the end. */
  async *follow(job: JobRef, options: FollowOptions): AsyncGenerator<Uint8Array> {
    const shared = this.#join(job);
    const release = () => shared.feed.release();
    options.signal.addEventListener("abort", release);
    try {
      yield* events(shared.feed, options, this.#deps.log);
    } finally {
      options.signal.removeEventListener("abort", release);
      this.#leave(job, shared);
    }
  }

  #join(job: JobRef): Shared {
    const present = this.#feeds.get(job.id);
    if (present) {
      present.readers += 1;
      return present;
    }
    const shared = { feed: new LogFeed(this.#deps, job), stop: new AbortController(), readers: 1 };
    this.#feeds.set(job.id, shared);
    void shared.feed.run(shared.stop.signal);
    return shared;
  }

  #leave(job: JobRef, shared: Shared): void {
    shared.readers -= 1;
    if (shared.readers > 0) return;
    this.#feeds.delete(job.id);
    shared.stop.abort();
  }
}

async function* events(
  feed: LogFeed,
  { from, signal, toEnd }: FollowOptions,
  log: Pick<Logger, "warn">,
): AsyncGenerator<Uint8Array> {
  let position = from;
  while (!signal.aborted) {
    const batch = await feed.batchAt(position).catch((err: unknown) => {
      log.warn({ err }, "a log reader could not read; it tries again");
      return "failed" as const;
    });
    if (batch === "failed") await pause(RETRY_MS, signal);
    else if (batch) {
      if (batch.bytes.length > 0) yield batch.bytes;
      position = batch.next;
    } else if (feed.end) {
      yield toEnd(feed.end);
      return;
    } else await feed.changed(signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    function end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
    signal.addEventListener("abort", end);
  });
}
