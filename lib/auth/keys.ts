import { recordActivity } from "@/lib/activity/store";
import type { Db } from "@/lib/db/client";
import type { ApiKey } from "@/lib/db/schema/api-keys";
import { AppError, notFound } from "@/lib/domain/errors";
import type { AdminScope, KeyScope, TenantId, TenantScope } from "@/lib/domain/tenant";
import { makeApiKey } from "./api-key";
import { countKeys, insertKey, revokeKeys } from "./store";

/** A key as it is shown once: `secret` is kept nowhere. */
export type NewKey = { readonly row: ApiKey; readonly secret: string };

export type KeyWish = {
  /** Null: a key of an administrator. */
  readonly tenantId: TenantId | null;
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly expiresAt?: Date | undefined;
};

const MAX_KEYS = 100;

/** Makes a key and its activity row; call it in a transaction. Throws CONFLICT above 100 usable keys. */
export async function issueKey(tx: Db, actor: string, wish: KeyWish): Promise<NewKey> {
  if ((await countKeys(tx, wish.tenantId)) >= MAX_KEYS) {
    throw new AppError(
      "CONFLICT",
      `There are ${MAX_KEYS} keys already. Revoke one that is not used any more.`,
    );
  }
  const { id, key, hash } = makeApiKey();
  const row = await insertKey(tx, {
    id,
    hash,
    tenantId: wish.tenantId,
    name: wish.name,
    scopes: [...wish.scopes],
    expiresAt: wish.expiresAt ?? null,
  });
  await recordActivity(tx, {
    tenantId: wish.tenantId,
    actor,
    action: "key.created",
    data: { keyId: id, name: wish.name, scopes: wish.scopes },
  });
  return { row, secret: key };
}

/** A key by its tenant: it may do no more than the key that makes it. */
export async function createOwnKey(
  db: Db,
  scope: TenantScope,
  wish: { name: string; scopes?: readonly KeyScope[] | undefined; expiresAt?: Date | undefined },
): Promise<NewKey> {
  const scopes = wish.scopes ?? scope.scopes.filter((one) => one !== "tenant:manage");
  const missing = scopes.filter((one) => !scope.scopes.includes(one));
  if (missing.length > 0) {
    throw new AppError(
      "FORBIDDEN",
      `This API key cannot give what it lacks: ${missing.join(", ")}.`,
    );
  }
  return db.transaction((tx) =>
    issueKey(tx, scope.actor, {
      tenantId: scope.tenantId,
      name: wish.name,
      scopes,
      expiresAt: wish.expiresAt,
    }),
  );
}

/** From the next request on it is refused. Throws NOT_FOUND; a revoked key is one that is not there. */
export async function revokeKey(
  db: Db,
  actor: string,
  { tenantId, keyId }: { tenantId: TenantId | null; keyId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [revoked] = await revokeKeys(tx, tenantId, keyId);
    if (!revoked) throw notFound("Key");
    await recordActivity(tx, { tenantId, actor, action: "key.revoked", data: { keyId } });
  });
}

/** A new key in place of all that the tenant has. */
export async function regenerateKeys(
  db: Db,
  actor: string,
  wish: KeyWish & { tenantId: TenantId },
): Promise<NewKey> {
  return db.transaction(async (tx) => {
    const revoked = await revokeKeys(tx, wish.tenantId);
    if (revoked.length > 0) {
      const data = { keyIds: revoked };
      await recordActivity(tx, { tenantId: wish.tenantId, actor, action: "key.revoked", data });
    }
    return issueKey(tx, actor, wish);
  });
}

/** A key for a tenant by an administrator, or with `tenantId` null one for an administrator. */
export async function createKeyByAdmin(db: Db, admin: AdminScope, wish: KeyWish): Promise<NewKey> {
  return db.transaction((tx) => issueKey(tx, admin.actor, wish));
}
