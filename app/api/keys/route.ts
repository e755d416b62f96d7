import { createKey, listKeys as listOperation } from "@/lib/api/operations/keys";
import { createOwnKey } from "@/lib/auth/keys";
import { listKeys } from "@/lib/auth/store";
import { toKeyView, toNewKeyView } from "@/lib/auth/view";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { publicUrl } from "@/lib/http/public-url";

export const GET = handle(listOperation, async ({ runtime, scope }) => {
  const keys = await listKeys(runtime.database.db, scope.tenantId);
  return Response.json({ keys: keys.map(toKeyView) });
});

export const POST = handle(createKey, async ({ runtime, scope, body, request }) => {
  const key = await createOwnKey(runtime.database.db, scope, {
    name: body.name,
    scopes: body.scopes,
    expiresAt: body.expires_at,
  });
  return Response.json(toNewKeyView(key, publicUrl(request.headers, runtime.env.PUBLIC_URL)), {
    status: 201,
  });
});

export const { PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET", "POST");
