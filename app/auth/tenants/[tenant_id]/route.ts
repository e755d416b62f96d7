import {
  getTenantFirstGeneration,
  updateTenantFirstGeneration,
} from "@/lib/api/operations/first-generation";
import type { TenantId } from "@/lib/domain/tenant";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { updateTenantLimits } from "@/lib/tenants/change";
import { getTenant } from "@/lib/tenants/store";
import { toTenantView } from "@/lib/tenants/view";

export const GET = handle(getTenantFirstGeneration, async ({ runtime, params }) =>
  Response.json(toTenantView(await getTenant(runtime.database.db, params.tenant_id as TenantId))),
);

export const PATCH = handle(
  updateTenantFirstGeneration,
  async ({ runtime, scope, params, query }) => {
    const tenantId = params.tenant_id as TenantId;
    return Response.json(
      toTenantView(await updateTenantLimits(runtime.database.db, scope, tenantId, query)),
    );
  },
);

export const { POST, PUT, DELETE, OPTIONS } = refuseOthers("GET", "PATCH");
