import { revokeAdminKey } from "@/lib/api/operations/keys";
import { revokeKey } from "@/lib/auth/keys";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const DELETE = handle(revokeAdminKey, async ({ runtime, scope, params }) => {
  await revokeKey(runtime.database.db, scope.actor, { tenantId: null, keyId: params.key_id });
  return new Response(null, { status: 204 });
});

export const { GET, POST, PUT, PATCH, OPTIONS } = refuseOthers("DELETE");
