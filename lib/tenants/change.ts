import { notifyReconciler, recordActivity } from "@/lib/activity/store";
import type { Db } from "@/lib/db/client";
import type { Tenant } from "@/lib/db/schema/tenants";
import type { AdminScope, TenantId } from "@/lib/domain/tenant";
import { type LimitsInput, pickLimits, withLimits } from "./limits";
import { changeTenant, lockTenant } from "./store";

/** New limits count from the next admission on; jobs that run go on. Throws NOT_FOUND. */
export async function updateTenantLimits(
  db: Db,
  admin: AdminScope,
  tenantId: TenantId,
  input: LimitsInput,
): Promise<Tenant> {
  return db.transaction(async (tx) => {
    const before = pickLimits(await lockTenant(tx, tenantId));
    const after = withLimits(before, input);
    const tenant = await changeTenant(tx, tenantId, after);
    const data = { before, after };
    await recordActivity(tx, { tenantId, actor: admin.actor, action: "tenant.limits", data });
    await notifyReconciler(tx);
    return tenant;
  });
}

/** Nothing of the tenant starts any more; what runs goes on, and reading stays allowed. Repeating is harmless. */
export async function suspendTenant(
  db: Db,
  admin: AdminScope,
  tenantId: TenantId,
  now: Date,
): Promise<Tenant> {
  return db.transaction(async (tx) => {
    const tenant = await lockTenant(tx, tenantId);
    if (tenant.suspendedAt) return tenant;
    await recordActivity(tx, { tenantId, actor: admin.actor, action: "tenant.suspended", at: now });
    return changeTenant(tx, tenantId, { suspendedAt: now });
  });
}

/** Its waiting jobs get their turns again. Repeating is harmless. */
export async function resumeTenant(
  db: Db,
  admin: AdminScope,
  tenantId: TenantId,
  now: Date,
): Promise<Tenant> {
  return db.transaction(async (tx) => {
    const tenant = await lockTenant(tx, tenantId);
    if (!tenant.suspendedAt) return tenant;
    await recordActivity(tx, { tenantId, actor: admin.actor, action: "tenant.resumed", at: now });
    await notifyReconciler(tx);
    return changeTenant(tx, tenantId, { suspendedAt: null });
  });
}
