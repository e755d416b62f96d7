import { setTimeout as sleep } from "node:timers/promises";
import { removeFinishedJob } from "@/lib/jobs/delete/delete";
import type { ReconcilerDeps } from "@/lib/reconciler/apply";
import { expireUploads } from "@/lib/scenarios/expire-uploads";
import { removeFreed } from "@/lib/scenarios/free";
import { listExpiredScenarios } from "@/lib/scenarios/store";
import {
  deleteOldIdempotencyKeys,
  dropScenario,
  listExpiredJobs,
  listTenantIds,
  type Owned,
  recount,
} from "./store";

const INTERVAL_MS = 3_600_000;

type Deps = Pick<ReconcilerDeps, "database" | "store" | "log">;

/** Tidies at once and then hourly until `signal` aborts. Never throws. */
export async function housekeep(deps: Deps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await tidy(deps, new Date(), signal);
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** One round: what is past its time goes, exactly as if somebody deleted it. A part that fails stops no other. */
export async function tidy(deps: Deps, now: Date, signal: AbortSignal): Promise<void> {
  const { database, store, log } = deps;
  const parts: Record<string, () => Promise<void>> = {
    jobs: () =>
      eachOf(
        deps,
        signal,
        () => listExpiredJobs(database.db, now),
        (job) => removeFinishedJob(deps, job.tenantId, job.id, "portal"),
      ),
    uploads: () => expireUploads({ database, store }, now),
    scenarios: () =>
      eachOf(
        deps,
        signal,
        () => listExpiredScenarios(database, now),
        async (scenario) => {
          await removeFreed(deps, scenario.tenantId, await dropScenario(database.db, scenario));
        },
      ),
    idempotencyKeys: () => deleteOldIdempotencyKeys(database.db, now),
    counts: () => recountAll(deps, signal),
  };
  for (const [part, work] of Object.entries(parts)) {
    if (signal.aborted) return;
    await work().catch((error: unknown) =>
      log.warn({ err: error, part }, "housekeeping failed; it is tried again"),
    );
  }
}

/** Batches until none is left, or until a batch brings nothing further because all of it failed. */
async function eachOf(
  { log }: Deps,
  signal: AbortSignal,
  next: () => Promise<Owned[]>,
  work: (one: Owned) => Promise<void>,
): Promise<void> {
  for (let batch = await next(); batch.length > 0; batch = await next()) {
    let failed = 0;
    for (const one of batch) {
      if (signal.aborted) return;
      await work(one).catch((error: unknown) => {
        failed += 1;
        log.warn({ err: error, id: one.id }, "something past its time could not be removed");
      });
    }
    if (failed > 0) return;
  }
}

async function recountAll({ database, log }: Deps, signal: AbortSignal): Promise<void> {
  for (const tenantId of await listTenantIds(database.db)) {
    if (signal.aborted) return;
    if (await recount(database.db, tenantId))
      log.warn({ tenantId }, "the counts of a tenant had drifted");
  }
}
