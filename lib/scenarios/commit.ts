import type { Database } from "@/lib/db/client";
import type { Scenario } from "@/lib/db/schema/scenarios";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { blobKey } from "@/lib/storage/keys";
import type { UnpackedFile } from "./archive/unpack";
import type { BlobIntake } from "./blob-intake";
import { removeFreed } from "./free";
import { requireRoom } from "./room";
import { addBlobs, addScenario, findScenarioByArchive, keepScenario, lockStorage } from "./store";

type Deps = { readonly database: Database; readonly store: ArtifactStore };
const MOVERS = 8;

/**
 * Adds a scenario whose contents lie in the intake, under the tenant's lock: rows, files and the bytes counted change
 * together. Returns the scenario that another upload of the same archive made meanwhile, if so; undefined when contents
 * that the intake left out as known are known no more. Throws TOO_LARGE above the tenant's storage.
 */
export async function commitScenario(
  deps: Deps,
  scenario: Omit<Scenario, "createdAt">,
  files: readonly UnpackedFile[],
  intake: BlobIntake,
): Promise<Scenario | undefined> {
  const { tenantId } = scenario;
  const adopted: string[] = [];
  try {
    return await deps.database.sql.begin(async (tx) => {
      const standing = await lockStorage(tx, tenantId);
      const existing = await findScenarioByArchive(tx, tenantId, scenario.archiveSha256);
      if (existing) {
        if (scenario.kept) await keepScenario(tx, tenantId, existing.id);
        return { ...existing, kept: existing.kept || scenario.kept };
      }
      const added = await addBlobs(tx, tenantId, intake.sizes);
      if (added.some((sha256) => !intake.files.has(sha256))) throw new ContentGone();
      const addedBytes = added.reduce((sum, sha256) => sum + (intake.sizes.get(sha256) ?? 0), 0);
      requireRoom(standing, addedBytes, "The scenario");
      await adoptAll(deps.store, tenantId, added, intake, adopted);
      return addScenario(tx, scenario, files, addedBytes);
    });
  } catch (error) {
    // With the database away they stay, unused and not counted; the cause matters more.
    await removeFreed(deps, tenantId, adopted).catch(() => undefined);
    if (error instanceof ContentGone) return undefined;
    throw error;
  }
}

/** Only rolls the transaction back. */
class ContentGone extends Error {}

async function adoptAll(
  store: ArtifactStore,
  tenantId: string,
  hashes: readonly string[],
  intake: BlobIntake,
  adopted: string[],
): Promise<void> {
  for (let at = 0; at < hashes.length; at += MOVERS) {
    await Promise.all(
      hashes.slice(at, at + MOVERS).map(async (sha256) => {
        const file = intake.files.get(sha256);
        if (!file) return;
        const key = blobKey(tenantId, sha256);
        adopted.push(key);
        await store.adopt(file, key);
      }),
    );
  }
}
