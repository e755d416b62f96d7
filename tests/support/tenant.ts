import type { Database } from "@/lib/db/client";
import { tenants } from "@/lib/db/schema/tenants";
import type { TenantId, TenantScope } from "@/lib/domain/tenant";

/** A tenant's row and a scope of it, for tests below the API. */
export async function insertTenant(
  { db }: Database,
  id: string,
  limits: Partial<typeof tenants.$inferInsert> = {},
): Promise<TenantScope> {
  await db.insert(tenants).values({
    id,
    namespace: `sumo-${id}`,
    maxCpu: 8,
    maxMemoryMib: 16_384,
    maxConcurrentJobs: 4,
    maxQueuedJobs: 100,
    maxStorageMib: 1_024,
    maxRunSeconds: 3_600,
    retentionDays: 30,
    ...limits,
  });
  return {
    tenantId: id as TenantId,
    actor: "key:test",
    scopes: ["jobs:read", "jobs:write"],
  } as unknown as TenantScope;
}
