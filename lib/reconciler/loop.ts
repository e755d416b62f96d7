import { setTimeout as sleep } from "node:timers/promises";
import type { ReconcilerDeps } from "./apply";
import type { Pass } from "./reconcile";

export type LoopTimes = {
  /** Between two passes at least. */
  readonly gapMs: number;
  /** While some job is to be looked at soon. */
  readonly urgentMs: number;
  /** In any case. */
  readonly fullMs: number;
};
const TIMES: LoopTimes = { gapMs: 100, urgentMs: 500, fullMs: 30_000 };
/** Passes may take a sixth of the time, however many signals come. */
const REST_FACTOR = 5;

/** Passes until `signal` aborts: woken by signals and by the backend's changes, and now and then anyway. Never throws. */
export async function loop(
  { hub, backend, metrics, log }: Pick<ReconcilerDeps, "hub" | "backend" | "metrics" | "log">,
  pass: () => Promise<Pass>,
  signal: AbortSignal,
  times: LoopTimes = TIMES,
): Promise<void> {
  const bell = createBell();
  const off = hub.on("reconcile", bell.ring);
  const watching = watch(
    () => backend.changes(signal),
    bell.ring,
    signal,
    (error) => log.warn({ err: error }, "the backend's changes cannot be watched now"),
  );
  while (!signal.aborted) {
    bell.reset();
    const startedAt = performance.now();
    const isUrgent = await runPass(pass, metrics, log);
    const tookMs = performance.now() - startedAt;
    await rest(Math.max(times.gapMs, tookMs * REST_FACTOR), signal);
    await bell.heard(isUrgent ? times.urgentMs : times.fullMs, signal);
  }
  off();
  await watching;
}

async function runPass(
  pass: () => Promise<Pass>,
  metrics: ReconcilerDeps["metrics"],
  log: ReconcilerDeps["log"],
): Promise<boolean> {
  const startedAt = performance.now();
  try {
    const { isUrgent } = await pass();
    metrics.pass("ok", performance.now() - startedAt);
    return isUrgent;
  } catch (error) {
    metrics.pass("failed", performance.now() - startedAt);
    log.warn({ err: error }, "a reconcile pass failed; the next one follows");
    return true;
  }
}

/** Remembers one ring, however many there were. */
function createBell() {
  let rung = false;
  let wake = () => {};
  return {
    ring: () => {
      rung = true;
      wake();
    },
    reset: () => {
      rung = false;
    },
    heard: async (ms: number, signal: AbortSignal) => {
      if (rung || signal.aborted) return;
      const done = new AbortController();
      wake = () => done.abort();
      await rest(ms, AbortSignal.any([signal, done.signal]));
      wake = () => {};
    },
  };
}

async function watch(
  changes: () => AsyncIterable<unknown>,
  ring: () => void,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const _ of changes()) ring();
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
    await rest(1_000, signal);
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
