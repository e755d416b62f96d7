import { suspendTenant as operation } from "@/lib/api/operations/tenants";
import type { TenantId } from "@/lib/domain/tenant";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { suspendTenant } from "@/lib/tenants/change";
import { toTenantView } from "@/lib/tenants/view";

export const POST = handle(operation, async ({ runtime, scope, params }) => {
  const tenantId = params.tenant_id as TenantId;
  return Response.json(
    toTenantView(await suspendTenant(runtime.database.db, scope, tenantId, new Date())),
  );
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("POST");
