import type { Db } from "@/lib/db/client";
import type { Tenant } from "@/lib/db/schema/tenants";
import type { JobState } from "@/lib/domain/job-state";
import type { TenantScope } from "@/lib/domain/tenant";
import { toLimitsView } from "./limits";
import {
  countJobs,
  getTenant,
  listRecentJobs,
  NO_USAGE,
  type RecentJob,
  type Usage,
  usageOf,
} from "./store";

const RECENT = 20;

export type Dashboard = {
  readonly tenant: Tenant;
  readonly usage: Usage;
  readonly recent: readonly RecentJob[];
  readonly counts: Partial<Record<JobState, number>>;
};

/** The tenant's own view of its limits, use and jobs; counts are over all of its jobs. */
export async function readDashboard(db: Db, scope: TenantScope): Promise<Dashboard> {
  const [tenant, usage, recent, counts] = await Promise.all([
    getTenant(db, scope.tenantId),
    usageOf(db, [scope.tenantId]),
    listRecentJobs(db, scope, RECENT),
    countJobs(db, scope),
  ]);
  return { tenant, usage: usage.get(scope.tenantId) ?? NO_USAGE, recent, counts };
}

/** On the first generation's path a cancelled job reads and counts as failed: it knew no other word. Pure. */
export function toDashboardView(
  { tenant, usage, recent, counts }: Dashboard,
  { firstGeneration }: { firstGeneration: boolean },
) {
  const cancelled = counts.CANCELLED ?? 0;
  return {
    tenant_id: tenant.id,
    status: tenant.suspendedAt ? ("suspended" as const) : ("active" as const),
    plan_limits: toLimitsView(tenant),
    current_usage: {
      "requests.cpu": String(usage.cpu),
      "requests.memory": `${usage.memoryMib}Mi`,
      "requests.storage": `${Math.ceil(tenant.storedBytes / 2 ** 20)}Mi`,
      pods: String(usage.active),
    },
    running_pods: usage.running,
    recent_jobs: recent.map((job) => ({
      job_id: job.id,
      scenario_id: job.name,
      status: firstGeneration && job.state === "CANCELLED" ? ("FAILED" as const) : job.state,
      submitted_at: job.submittedAt.toISOString(),
      started_at: job.startedAt?.toISOString() ?? null,
      finished_at: job.finishedAt?.toISOString() ?? null,
    })),
    stats: {
      queued: counts.QUEUED ?? 0,
      pending: counts.PENDING ?? 0,
      running: counts.RUNNING ?? 0,
      succeeded: counts.SUCCEEDED ?? 0,
      failed: (counts.FAILED ?? 0) + (firstGeneration ? cancelled : 0),
      cancelled: firstGeneration ? 0 : cancelled,
    },
  };
}
