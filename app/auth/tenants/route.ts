import { listTenantsFirstGeneration } from "@/lib/api/operations/first-generation";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { listTenants } from "@/lib/tenants/store";
import { toTenantView } from "@/lib/tenants/view";

export const GET = handle(listTenantsFirstGeneration, async ({ runtime }) =>
  Response.json({ tenants: (await listTenants(runtime.database.db)).map(toTenantView) }),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
