import type { Database } from "@/lib/db/client";
import type { KeyScope } from "@/lib/domain/tenant";

export type KeyRow = {
  readonly id: string;
  readonly tenantId: string | null;
  readonly scopes: KeyScope[];
};

/** The key with this hash if it may be used now. `lastUsedAt` is written at most once a minute. */
export async function findUsableKey({ sql }: Database, hash: string): Promise<KeyRow | undefined> {
  const [row] = await sql<(KeyRow & { stale: boolean })[]>`
    select id, tenant_id as "tenantId", scopes,
      last_used_at is null or last_used_at < now() - interval '1 minute' as stale
    from api_keys
    where hash = ${hash} and revoked_at is null and (expires_at is null or expires_at > now())`;
  if (row?.stale) await sql`update api_keys set last_used_at = now() where id = ${row.id}`;
  return row;
}
