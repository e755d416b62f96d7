import { createTenantKey, listTenantKeys } from "@/lib/api/operations/keys";
import { createKeyByAdmin } from "@/lib/auth/keys";
import { listKeys } from "@/lib/auth/store";
import { toKeyView, toNewKeyView } from "@/lib/auth/view";
import { TENANT_SCOPES, type TenantId } from "@/lib/domain/tenant";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { publicUrl } from "@/lib/http/public-url";
import { getTenant } from "@/lib/tenants/store";

export const GET = handle(listTenantKeys, async ({ runtime, params }) => {
  const { db } = runtime.database;
  const { id } = await getTenant(db, params.tenant_id as TenantId);
  return Response.json({ keys: (await listKeys(db, id as TenantId)).map(toKeyView) });
});

export const POST = handle(createTenantKey, async ({ runtime, scope, params, body, request }) => {
  const { db } = runtime.database;
  const { id } = await getTenant(db, params.tenant_id as TenantId);
  const key = await createKeyByAdmin(db, scope, {
    tenantId: id as TenantId,
    name: body.name,
    scopes: body.scopes ?? TENANT_SCOPES,
    expiresAt: body.expires_at,
  });
  return Response.json(toNewKeyView(key, publicUrl(request.headers, runtime.env.PUBLIC_URL)), {
    status: 201,
  });
});

export const { PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET", "POST");
