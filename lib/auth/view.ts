import type { ApiKey } from "@/lib/db/schema/api-keys";
import type { NewKey } from "./keys";

export function toKeyView(key: ApiKey) {
  return {
    key_id: key.id,
    name: key.name,
    scopes: key.scopes,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}

/** `curl` is a line that can be pasted into a terminal as it is. */
export function toNewKeyView({ row, secret }: NewKey, publicUrl: string) {
  const line = row.tenantId
    ? `curl -H 'Authorization: Bearer ${secret}' ${publicUrl}/api/jobs`
    : `curl -H 'X-Admin-Key: ${secret}' ${publicUrl}/api/admin/tenants`;
  return { ...toKeyView(row), api_key: secret, curl: line };
}
