import { createAdminKey, listAdminKeys } from "@/lib/api/operations/keys";
import { createKeyByAdmin } from "@/lib/auth/keys";
import { listKeys } from "@/lib/auth/store";
import { toKeyView, toNewKeyView } from "@/lib/auth/view";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { publicUrl } from "@/lib/http/public-url";

export const GET = handle(listAdminKeys, async ({ runtime }) =>
  Response.json({ keys: (await listKeys(runtime.database.db, null)).map(toKeyView) }),
);

export const POST = handle(createAdminKey, async ({ runtime, scope, body, request }) => {
  const key = await createKeyByAdmin(runtime.database.db, scope, {
    tenantId: null,
    name: body.name,
    scopes: ["admin"],
    expiresAt: body.expires_at,
  });
  return Response.json(toNewKeyView(key, publicUrl(request.headers, runtime.env.PUBLIC_URL)), {
    status: 201,
  });
});

export const { PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET", "POST");
