import { recordActivity } from "@/lib/activity/store";
import { issueKey, type NewKey } from "@/lib/auth/keys";
import type { Db } from "@/lib/db/client";
import type { Tenant } from "@/lib/db/schema/tenants";
import { AppError } from "@/lib/domain/errors";
import {
  type AdminScope,
  TENANT_SCOPES,
  type TenantId,
  type TenantLimits,
} from "@/lib/domain/tenant";
import { toNamespace } from "./namespace";
import { insertTenant } from "./store";

/** A tenant with its first key, which may do everything inside it. Throws CONFLICT when the id is taken. */
export async function createTenant(
  db: Db,
  admin: AdminScope,
  { tenantId, limits }: { tenantId: TenantId; limits: TenantLimits },
): Promise<{ tenant: Tenant; key: NewKey }> {
  return db.transaction(async (tx) => {
    const tenant = await insertTenant(tx, {
      id: tenantId,
      namespace: toNamespace(tenantId),
      ...limits,
    });
    if (!tenant) throw new AppError("CONFLICT", `Tenant ${tenantId} exists already.`);
    await recordActivity(tx, {
      tenantId,
      actor: admin.actor,
      action: "tenant.created",
      data: { limits },
    });
    const key = await issueKey(tx, admin.actor, {
      tenantId,
      name: "first key",
      scopes: TENANT_SCOPES,
    });
    return { tenant, key };
  });
}
