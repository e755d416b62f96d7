import type { Database } from "@/lib/db/client";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { findKnownBlobs, lockStorage } from "./store";

type Deps = { readonly database: Database; readonly store: ArtifactStore };

/**
 * Removes stored contents whose rows went with a committed `releaseScenario`. An upload may have brought the same
 * content back meanwhile, so each is looked up again under the lock that uploads commit under.
 */
export async function removeFreed(
  { database, store }: Deps,
  tenantId: string,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await database.sql.begin(async (tx) => {
    await lockStorage(tx, tenantId);
    const used = await findKnownBlobs(tx, tenantId, keys.map(hashOf));
    for (const key of keys) if (!used.has(hashOf(key))) await store.remove(key);
  });
}

/** The last part of a blob's key. */
function hashOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}
