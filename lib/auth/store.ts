import { and, desc, eq, isNull, sql as raw } from "drizzle-orm";
import type { Database, Db } from "@/lib/db/client";
import { apiKeys } from "@/lib/db/schema";
import type { ApiKey } from "@/lib/db/schema/api-keys";
import type { KeyScope, TenantId } from "@/lib/domain/tenant";

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

/** Keys that are not revoked, the newest first; expired ones are among them. Null: the administrators' keys. */
export async function listKeys(db: Db, tenantId: TenantId | null): Promise<ApiKey[]> {
  return db
    .select()
    .from(apiKeys)
    .where(and(ownedBy(tenantId), isNull(apiKeys.revokedAt)))
    .orderBy(desc(apiKeys.createdAt), apiKeys.id);
}

export async function countKeys(db: Db, tenantId: TenantId | null): Promise<number> {
  return db.$count(apiKeys, and(ownedBy(tenantId), isNull(apiKeys.revokedAt)));
}

export async function insertKey(
  db: Db,
  row: Pick<ApiKey, "id" | "hash" | "tenantId" | "name" | "scopes" | "expiresAt">,
): Promise<ApiKey> {
  const [key] = await db.insert(apiKeys).values(row).returning();
  if (!key) throw new Error("insert returned no row");
  return key;
}

/** One key of the owner, or all of them; returns the ids of those that were usable until now. */
export async function revokeKeys(
  db: Db,
  tenantId: TenantId | null,
  keyId?: string,
): Promise<string[]> {
  const rows = await db
    .update(apiKeys)
    .set({ revokedAt: raw`now()` })
    .where(
      and(
        ownedBy(tenantId),
        isNull(apiKeys.revokedAt),
        keyId === undefined ? undefined : eq(apiKeys.id, keyId),
      ),
    )
    .returning({ id: apiKeys.id });
  return rows.map(({ id }) => id);
}

function ownedBy(tenantId: TenantId | null) {
  return tenantId === null ? isNull(apiKeys.tenantId) : eq(apiKeys.tenantId, tenantId);
}
