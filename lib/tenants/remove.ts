import { recordActivity } from "@/lib/activity/store";
import type { Database } from "@/lib/db/client";
import { AppError } from "@/lib/domain/errors";
import type { AdminScope, TenantId } from "@/lib/domain/tenant";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { tenantPrefix } from "@/lib/storage/keys";
import { deleteTenantRows, lockTenant, usageOf } from "./store";

/**
 * Removes a tenant with its keys, scenarios, jobs and files; the record of activity stays. Throws NOT_FOUND,
 * and CONFLICT while a job of it waits or runs. Rows go first: files without rows are only lost space.
 */
export async function removeTenant(
  { database, store }: { database: Database; store: ArtifactStore },
  admin: AdminScope,
  tenantId: TenantId,
): Promise<void> {
  await database.db.transaction(async (tx) => {
    await lockTenant(tx, tenantId);
    const open = (await usageOf(tx, [tenantId])).get(tenantId);
    if (open) {
      throw new AppError(
        "CONFLICT",
        `Tenant ${tenantId} has ${open.active + open.queued} jobs that wait or run. Suspend it and cancel them first.`,
      );
    }
    await deleteTenantRows(tx, tenantId);
    await recordActivity(tx, { tenantId, actor: admin.actor, action: "tenant.removed" });
  });
  await store.removeAll(tenantPrefix(tenantId));
}
