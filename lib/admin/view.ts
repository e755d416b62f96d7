import type { Activity } from "@/lib/db/schema/activity";
import type { AttemptName, Observation } from "@/lib/domain/attempt";
import { toJobSummary } from "@/lib/jobs/view";
import type { JobOfTenant } from "./store";

/** `k8sStatus` is null on a backend without Kubernetes Jobs. */
export function toAdminJobView(
  job: JobOfTenant,
  { firstGeneration }: { firstGeneration: boolean },
) {
  return {
    ...toJobSummary(job, { firstGeneration }),
    namespace: job.namespace,
    submitted_by: job.submittedBy,
    k8s_status: null,
  };
}

export function toActivityView(entry: Activity) {
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    tenant_id: entry.tenantId,
    job_id: entry.jobId,
    actor: entry.actor,
    action: entry.action,
    state: entry.state,
    reason: entry.reason,
    message: entry.message,
  };
}

const POD_PHASE = { waiting: "Pending", active: "Running", ended: "Succeeded" } as const;

/** Attempts on the backend, counted by the phase that a pod of the first generation would show. Pure. */
export function toPodCounts(
  observed: ReadonlyMap<AttemptName, Observation>,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { phase, ...rest } of observed.values()) {
    const name = "failure" in rest && rest.failure ? "Failed" : POD_PHASE[phase];
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
