import type { Tenant } from "@/lib/db/schema/tenants";
import { toLimitsView } from "./limits";
import { NO_USAGE, type Usage } from "./store";

const BYTES_PER_GIB = 2 ** 30;

export function toTenantView(tenant: Tenant) {
  return {
    tenant_id: tenant.id,
    namespace: tenant.namespace,
    ...toLimitsView(tenant),
    status: tenant.suspendedAt ? ("suspended" as const) : ("active" as const),
    suspended_at: tenant.suspendedAt?.toISOString() ?? null,
    created_at: tenant.createdAt.toISOString(),
  };
}

export function toTenantWithUsageView(tenant: Tenant, usage: Usage = NO_USAGE) {
  return {
    ...toTenantView(tenant),
    usage: {
      cpu: usage.cpu,
      memory_gi: usage.memoryMib / 1_024,
      active_jobs: usage.active,
      queued_jobs: usage.queued,
      stored_gi: Math.round((tenant.storedBytes / BYTES_PER_GIB) * 1_000) / 1_000,
    },
  };
}
