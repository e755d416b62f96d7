import type { Database } from "@/lib/db/client";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { uploadKey } from "@/lib/storage/keys";
import { deleteUpload, listAbandonedUploads } from "./uploads/store";

const ABANDONED_MS = 24 * 3_600_000;
type Deps = { readonly database: Database; readonly store: ArtifactStore };

/** Removes uploads that nobody has touched for a day, with their bytes. */
export async function expireUploads({ database, store }: Deps, now: Date): Promise<void> {
  const before = new Date(now.getTime() - ABANDONED_MS);
  for (const upload of await listAbandonedUploads(database, before)) {
    await store.remove(uploadKey(upload.tenantId, upload.id));
    await deleteUpload(database.db, upload);
  }
}
