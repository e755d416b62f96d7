import type { AttemptSpec } from "@/lib/domain/attempt";

export const MANAGED_BY = "sumo-k8";

/** Of every tenant's namespace; the admission fence keeps the portal inside it. */
export const NAMESPACE_PREFIX = "sim-";

export const LABEL = {
  managedBy: "app.kubernetes.io/managed-by",
  tenant: "sumo-k8.io/tenant",
  job: "sumo-k8.io/job",
  attempt: "sumo-k8.io/attempt",
} as const;

export const ANNOTATION = {
  specHash: "sumo-k8.io/spec-hash",
  tenant: "sumo-k8.io/tenant-id",
} as const;

export const managedSelector = `${LABEL.managedBy}=${MANAGED_BY}`;

/** Found again by these; a tenant's id is at most 63 characters and made of label characters. */
export function attemptLabels(spec: AttemptSpec): Record<string, string> {
  return {
    [LABEL.managedBy]: MANAGED_BY,
    [LABEL.tenant]: spec.tenantId,
    [LABEL.job]: spec.jobId,
    [LABEL.attempt]: String(spec.number),
  };
}
