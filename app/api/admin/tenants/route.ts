import { createTenant, listTenants } from "@/lib/api/operations/tenants";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { publicUrl } from "@/lib/http/public-url";
import { listTenantsWithUsage } from "@/lib/tenants/list";
import { registerTenant } from "@/lib/tenants/register";

export const GET = handle(listTenants, async ({ runtime, query }) =>
  Response.json(await listTenantsWithUsage(runtime.database.db, query)),
);

export const POST = handle(createTenant, async ({ runtime, scope, body, request }) =>
  Response.json(
    await registerTenant(runtime, scope, body, publicUrl(request.headers, runtime.env.PUBLIC_URL)),
    {
      status: 201,
    },
  ),
);

export const { PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET", "POST");
