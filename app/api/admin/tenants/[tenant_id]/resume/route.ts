import { resumeTenant as operation } from "@/lib/api/operations/tenants";
import type { TenantId } from "@/lib/domain/tenant";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { resumeTenant } from "@/lib/tenants/change";
import { toTenantView } from "@/lib/tenants/view";

export const POST = handle(operation, async ({ runtime, scope, params }) => {
  const tenantId = params.tenant_id as TenantId;
  return Response.json(
    toTenantView(await resumeTenant(runtime.database.db, scope, tenantId, new Date())),
  );
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("POST");
