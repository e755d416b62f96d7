import { deleteTenant, getTenant, updateTenant } from "@/lib/api/operations/tenants";
import type { TenantId } from "@/lib/domain/tenant";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { updateTenantLimits } from "@/lib/tenants/change";
import { getTenantWithUsage } from "@/lib/tenants/list";
import { removeTenant } from "@/lib/tenants/remove";
import { toTenantView } from "@/lib/tenants/view";

export const GET = handle(getTenant, async ({ runtime, params }) =>
  Response.json(await getTenantWithUsage(runtime.database.db, params.tenant_id)),
);

export const PATCH = handle(updateTenant, async ({ runtime, scope, params, body }) => {
  const tenantId = params.tenant_id as TenantId;
  return Response.json(
    toTenantView(await updateTenantLimits(runtime.database.db, scope, tenantId, body)),
  );
});

export const DELETE = handle(deleteTenant, async ({ runtime, scope, params }) => {
  await removeTenant(runtime, scope, params.tenant_id as TenantId);
  return new Response(null, { status: 204 });
});

export const { POST, PUT, OPTIONS } = refuseOthers("GET", "PATCH", "DELETE");
