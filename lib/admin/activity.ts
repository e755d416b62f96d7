import type { AdminScope } from "@/lib/domain/tenant";
import type { Runtime } from "@/lib/runtime";
import { toSeries } from "./series";
import { countJobsByState, listActivity, listBuckets } from "./store";
import { toActivityView, toPodCounts } from "./view";

export type ActivityFilter = {
  readonly tenant?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
};

/** What happens now on the backend and in the database, the last 24 hours, and the record's newest entries. */
export async function readActivity(
  { database, backend }: Pick<Runtime, "database" | "backend">,
  admin: AdminScope,
  filter: ActivityFilter,
  now: Date,
) {
  const [states, buckets, entries, observed] = await Promise.all([
    countJobsByState(database.db, admin),
    listBuckets(database, admin, now),
    listActivity(database.db, admin, filter),
    backend.observe(),
  ]);
  const pods = toPodCounts(observed);
  const active = (pods.Pending ?? 0) + (pods.Running ?? 0);
  return {
    timestamp: now.toISOString(),
    nodes: 1,
    pods,
    k8s_jobs: { total: observed.size, active, succeeded: pods.Succeeded ?? 0 },
    db_jobs: states,
    series: toSeries(buckets, states.QUEUED ?? 0, now),
    entries: entries.map(toActivityView),
  };
}
