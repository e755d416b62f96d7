import type { Db } from "@/lib/db/client";
import type { TenantId } from "@/lib/domain/tenant";
import { getTenant, listTenants, usageOf } from "./store";
import { toTenantWithUsageView } from "./view";

/** A page of tenants; `cursor` is the last id of the page before. */
export async function listTenantsWithUsage(
  db: Db,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
) {
  const found = await listTenants(db, { after: cursor, limit: limit + 1 });
  const page = found.slice(0, limit);
  const usage = await usageOf(
    db,
    page.map(({ id }) => id),
  );
  return {
    tenants: page.map((tenant) => toTenantWithUsageView(tenant, usage.get(tenant.id))),
    next_cursor: found.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/** Throws NOT_FOUND. */
export async function getTenantWithUsage(db: Db, tenantId: string) {
  const tenant = await getTenant(db, tenantId as TenantId);
  const usage = await usageOf(db, [tenant.id]);
  return toTenantWithUsageView(tenant, usage.get(tenant.id));
}
