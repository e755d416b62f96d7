import { revokeTenantKey } from "@/lib/api/operations/keys";
import { revokeKey } from "@/lib/auth/keys";
import type { TenantId } from "@/lib/domain/tenant";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { getTenant } from "@/lib/tenants/store";

export const DELETE = handle(revokeTenantKey, async ({ runtime, scope, params }) => {
  const { db } = runtime.database;
  const { id } = await getTenant(db, params.tenant_id as TenantId);
  await revokeKey(db, scope.actor, { tenantId: id as TenantId, keyId: params.key_id });
  return new Response(null, { status: 204 });
});

export const { GET, POST, PUT, PATCH, OPTIONS } = refuseOthers("DELETE");
