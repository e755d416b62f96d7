import { registerTenant as operation } from "@/lib/api/operations/first-generation";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { publicUrl } from "@/lib/http/public-url";
import { registerTenant } from "@/lib/tenants/register";

export const POST = handle(operation, async ({ runtime, scope, body, request }) =>
  Response.json(
    await registerTenant(runtime, scope, body, publicUrl(request.headers, runtime.env.PUBLIC_URL)),
  ),
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("POST");
