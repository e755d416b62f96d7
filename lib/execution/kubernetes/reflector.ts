import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isKubeError } from "./errors";
import type { KubeClient } from "./kube-client";
import type { KubeObject, KubeStatus } from "./wire";

const PAGE = 500;
const WATCH_SECONDS = { least: 240, spread: 120 };
const STALL_GRACE_MS = 30_000;
const SHORT_WATCH_MS = 1_000;
const BACKOFF_MS = { first: 800, most: 30_000 };

type List<T> = { metadata?: { resourceVersion?: string; continue?: string }; items: T[] };
type WatchEvent<T> = { type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR"; object: T };

export type ReflectorOptions<T> = {
  /** For example `/apis/batch/v1/jobs`. */
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** What to keep of an object: the cache of a big cluster must stay small. */
  readonly keep?: (object: T) => T;
  /** After the change; `isGone` when the object was deleted. */
  readonly onChange: (object: T, isGone: boolean) => void;
  readonly onError: (error: unknown) => void;
};

/**
 * A copy of a collection, kept true by list and watch. It never gives up: closed, reset, stalled or expired
 * watches are begun again, from a new list when needed. Readers look at `items`; `onChange` only wakes.
 */
export class Reflector<T extends KubeObject> {
  readonly #client: KubeClient;
  readonly #options: ReflectorOptions<T>;
  readonly #items = new Map<string, T>();
  #version: string | undefined;
  #lastEventAt = 0;
  readonly synced: Promise<void>;
  #onSynced: () => void = () => undefined;

  constructor(client: KubeClient, options: ReflectorOptions<T>) {
    this.#client = client;
    this.#options = options;
    this.synced = new Promise((resolve) => {
      this.#onSynced = resolve;
    });
  }

  get items(): readonly T[] {
    return [...this.#items.values()];
  }

  /** Milliseconds since the API server was last heard of, at `now`. */
  silentMs(now: number): number {
    return now - this.#lastEventAt;
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const started = Date.now();
      try {
        if (this.#version === undefined) await this.#list(signal);
        await this.#watch(signal);
        failures = Date.now() - started < SHORT_WATCH_MS ? failures + 1 : 0;
      } catch (error) {
        if (signal.aborted) return;
        if (isExpired(error)) this.#version = undefined;
        else this.#options.onError(error);
        failures += 1;
      }
      if (failures > 0) await pause(failures, signal);
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const found = new Map<string, T>();
    let next = "";
    do {
      const query = new URLSearchParams({ limit: String(PAGE), ...this.#selector(), ...(next ? { continue: next } : {}) });
      const page = await this.#client.get<List<T>>(`${this.#options.path}?${query}`);
      for (const item of page.items) found.set(item.metadata?.uid ?? "", item);
      next = page.metadata?.continue ?? "";
      this.#version = page.metadata?.resourceVersion;
    } while (next && !signal.aborted);
    this.#lastEventAt = Date.now();
    for (const [uid, item] of this.#items) if (!found.has(uid)) this.#drop(uid, item);
    for (const [uid, item] of found) {
      const known = this.#items.get(uid);
      if (known?.metadata?.resourceVersion !== item.metadata?.resourceVersion) this.#put(uid, item);
    }
    this.#onSynced();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const seconds = WATCH_SECONDS.least + Math.floor(Math.random() * WATCH_SECONDS.spread);
    const query = new URLSearchParams({
      watch: "1",
      allowWatchBookmarks: "true",
      timeoutSeconds: String(seconds),
      resourceVersion: this.#version ?? "",
      ...this.#selector(),
    });
    // The server ends the watch in time; one that does not is a dead connection.
    const stalled = AbortSignal.timeout(seconds * 1_000 + STALL_GRACE_MS);
    const ended = AbortSignal.any([signal, stalled]);
    const stream = await this.#client.stream(`${this.#options.path}?${query}`, ended);
    for await (const line of linesOf(stream)) this.#apply(JSON.parse(line) as WatchEvent<T>);
  }

  #apply(event: WatchEvent<T>): void {
    this.#lastEventAt = Date.now();
    if (event.type === "ERROR") throw event.object;
    this.#version = event.object.metadata?.resourceVersion ?? this.#version;
    const uid = event.object.metadata?.uid ?? "";
    if (event.type === "DELETED") this.#drop(uid, event.object);
    else if (event.type !== "BOOKMARK") this.#put(uid, event.object);
  }

  #put(uid: string, object: T): void {
    const kept = this.#options.keep?.(object) ?? object;
    this.#items.set(uid, kept);
    this.#tell(kept, false);
  }

  #drop(uid: string, object: T): void {
    this.#items.delete(uid);
    this.#tell(object, true);
  }

  #tell(object: T, isGone: boolean): void {
    try {
      this.#options.onChange(object, isGone);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #selector(): Record<string, string> {
    const { labelSelector, fieldSelector } = this.#options;
    return { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
  }
}

async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  // Not readline: its iterator does not pass on an error of its input, which would end the process.
  let rest = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
  }
}

/** The version is too old for the server: HTTP 410, or an ERROR event that says so. */
function isExpired(error: unknown): boolean {
  if (isKubeError(error, 410)) return true;
  const status = error as KubeStatus | undefined;
  return status?.kind === "Status" && (status.code === 410 || status.reason === "Expired" || status.reason === "Gone");
}

function pause(failures: number, signal: AbortSignal): Promise<void> {
  const most = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** (failures - 1));
  return sleep(most * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
}
