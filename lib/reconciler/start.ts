import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { ReconcilerDeps } from "./apply";
import { housekeep } from "./housekeep/housekeep";
import { keepLeading, type Leadership } from "./lease/lease";
import { loop } from "./loop";
import { createReconciler } from "./reconcile";

const LEASE = "reconciler";

/** Starts this portal's reconciler: it works while it holds the lease, else it waits for its turn. */
export function startReconciler(deps: ReconcilerDeps): { stop(): Promise<void> } {
  const { log, database } = deps;
  const stopping = new AbortController();
  const listeningSince = new Date();
  const leading = keepLeading({
    database,
    name: LEASE,
    holder: `${hostname()}:${process.pid}:${randomUUID()}`,
    signal: stopping.signal,
    onError: (error) => log.warn({ err: error }, "the reconciler's lease cannot be reached now"),
    lead: (leadership) => lead(deps, leadership, listeningSince),
  });
  return {
    stop: async () => {
      stopping.abort();
      await leading;
    },
  };
}

async function lead(
  deps: ReconcilerDeps,
  { fence, lost }: Leadership,
  listeningSince: Date,
): Promise<void> {
  deps.log.info({ epoch: fence.epoch }, "this portal leads");
  const reconciler = createReconciler(deps, fence, lost, listeningSince);
  await Promise.all([loop(deps, () => reconciler.pass(), lost), housekeep(deps, lost)]);
  await reconciler.idle();
  deps.log.info({ epoch: fence.epoch }, "this portal no longer leads");
}
