import { revokeKey as operation } from "@/lib/api/operations/keys";
import { revokeKey } from "@/lib/auth/keys";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const DELETE = handle(operation, async ({ runtime, scope, params }) => {
  const { tenantId, actor } = scope;
  await revokeKey(runtime.database.db, actor, { tenantId, keyId: params.key_id });
  return new Response(null, { status: 204 });
});

export const { GET, POST, PUT, PATCH, OPTIONS } = refuseOthers("DELETE");
