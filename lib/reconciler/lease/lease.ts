import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@/lib/db/client";
import type { Fence } from "@/lib/jobs/store";
import { acquireLease, releaseLease, renewLease } from "./store";

export type LeaseTimes = {
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly retryMs: number;
};
const TIMES: LeaseTimes = { leaseMs: 10_000, renewMs: 3_000, retryMs: 2_000 };
/** We stop before the database would let another begin. */
const MARGIN_MS = 1_000;

export type Leadership = {
  readonly fence: Fence;
  /** Aborts as soon as this process may no longer lead. */
  readonly lost: AbortSignal;
};

type Options = {
  readonly database: Database;
  readonly name: string;
  readonly holder: string;
  readonly signal: AbortSignal;
  readonly times?: LeaseTimes;
  readonly onError: (error: unknown) => void;
  /** Leads until it returns or `lost` aborts. */
  readonly lead: (leadership: Leadership) => Promise<void>;
};

/** Tries for the lease until `signal` aborts, and leads whenever it has it. Never throws. */
export async function keepLeading(options: Options): Promise<void> {
  const { database, name, holder, signal, onError, times = TIMES } = options;
  while (!signal.aborted) {
    const askedAt = performance.now();
    try {
      const epoch = await acquireLease(database, name, holder, times.leaseMs / 1_000);
      if (epoch !== undefined) await leadOnce(options, { lease: name, epoch }, askedAt);
    } catch (error) {
      onError(error);
    }
    await pause(times.retryMs, signal);
  }
}

async function leadOnce(options: Options, fence: Fence, askedAt: number): Promise<void> {
  const { database, signal, onError, lead, times = TIMES } = options;
  const ended = new AbortController();
  const lost = AbortSignal.any([ended.signal, signal]);
  const renewing = renewUntilLost(options, fence, askedAt, times, ended);
  try {
    await lead({ fence, lost });
  } finally {
    ended.abort();
    await renewing;
    await releaseLease(database, fence.lease, fence.epoch).catch(onError);
  }
}

/** Aborts `ended` when the lease went to another, or when by our own clock it may have run out. */
async function renewUntilLost(
  { database, onError, signal }: Options,
  fence: Fence,
  askedAt: number,
  times: LeaseTimes,
  ended: AbortController,
): Promise<void> {
  const margin = Math.min(MARGIN_MS, times.leaseMs / 10);
  let deadline = setTimeout(
    () => ended.abort(),
    askedAt + times.leaseMs - margin - performance.now(),
  );
  const stop = AbortSignal.any([ended.signal, signal]);
  while (!ended.signal.aborted) {
    await pause(times.renewMs, stop);
    if (stop.aborted) break;
    const sentAt = performance.now();
    try {
      if (!(await renewLease(database, fence.lease, fence.epoch, times.leaseMs / 1_000)))
        ended.abort();
      else if (!ended.signal.aborted) {
        clearTimeout(deadline);
        deadline = setTimeout(
          () => ended.abort(),
          sentAt + times.leaseMs - margin - performance.now(),
        );
      }
    } catch (error) {
      onError(error);
    }
  }
  clearTimeout(deadline);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
