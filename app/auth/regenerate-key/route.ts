import { regenerateKey } from "@/lib/api/operations/first-generation";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { publicUrl } from "@/lib/http/public-url";
import { regenerateTenantKey } from "@/lib/tenants/register";

export const POST = handle(regenerateKey, async ({ runtime, scope, body, request }) => {
  const url = publicUrl(request.headers, runtime.env.PUBLIC_URL);
  return Response.json(await regenerateTenantKey(runtime, scope, body.tenant_id, url));
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("POST");
