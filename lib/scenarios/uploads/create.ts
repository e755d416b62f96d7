import type { Database } from "@/lib/db/client";
import type { Upload } from "@/lib/db/schema/scenarios";
import type { TenantScope } from "@/lib/domain/tenant";
import { tooLarge } from "@/lib/http/receive-body";
import { requireRoom } from "@/lib/scenarios/room";
import { insertUpload, type NewUpload } from "./store";

/** Begins a resumable upload. Throws TOO_LARGE for a file above `maxBytes` or above what the tenant may still store. */
export async function createUpload(
  database: Database,
  scope: TenantScope,
  upload: NewUpload,
  maxBytes: number,
): Promise<Upload> {
  if (upload.sizeBytes > maxBytes) throw tooLarge(maxBytes);
  return insertUpload(database, scope.tenantId, upload, ({ openBytes, ...standing }) =>
    requireRoom(
      { ...standing, storedBytes: standing.storedBytes + openBytes },
      upload.sizeBytes,
      "The upload",
    ),
  );
}
