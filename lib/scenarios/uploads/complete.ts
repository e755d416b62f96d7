import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Database } from "@/lib/db/client";
import type { Scenario, Upload } from "@/lib/db/schema/scenarios";
import { AppError, isAppError } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import { ingestArchive, type ReceivedArchive } from "@/lib/scenarios/ingest";
import { getScenario } from "@/lib/scenarios/store";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { uploadKey } from "@/lib/storage/keys";
import { getUploadOffset } from "./receive-part";
import { completeUpload, deleteUpload } from "./store";

type Deps = { readonly database: Database; readonly store: ArtifactStore };

/**
 * Makes a scenario of an upload whose bytes are all there; again, the same scenario. Throws CONFLICT while bytes are
 * missing, and INVALID_INPUT for a wrong hash or archive, which removes the upload.
 */
export async function completeFromParts(
  deps: Deps,
  scope: TenantScope,
  id: string,
): Promise<Scenario> {
  const { upload, offset } = await getUploadOffset(deps, scope, id);
  if (upload.scenarioId) return getScenario(deps.database.db, scope, upload.scenarioId);
  if (offset !== upload.sizeBytes) {
    throw new AppError(
      "CONFLICT",
      `Only ${offset} of ${upload.sizeBytes} bytes have arrived. Send the rest first.`,
    );
  }
  return deps.store.withLocalFile(uploadKey(upload.tenantId, upload.id), async (path) => {
    const { fileName, sizeBytes } = upload;
    return completeFromFile(deps, scope, upload, {
      path,
      fileName,
      sizeBytes,
      sha256: await hashFile(path),
    });
  });
}

/** The same with a file that came in one piece. */
export async function completeFromFile(
  { database, store }: Deps,
  scope: TenantScope,
  upload: Upload,
  archive: ReceivedArchive,
): Promise<Scenario> {
  const key = uploadKey(upload.tenantId, upload.id);
  try {
    requireDeclared(upload, archive);
    const scenario = await ingestArchive({ database, store }, scope, archive, { kept: true });
    await completeUpload(database.db, upload, scenario.id);
    await store.remove(key);
    return scenario;
  } catch (error) {
    // It cannot become right any more.
    if (isAppError(error) && error.code === "INVALID_INPUT") {
      await store.remove(key);
      await deleteUpload(database.db, upload);
    }
    throw error;
  }
}

function requireDeclared(upload: Upload, { sizeBytes, sha256 }: ReceivedArchive): void {
  if (sizeBytes !== upload.sizeBytes) {
    throw new AppError(
      "BAD_REQUEST",
      `${sizeBytes} bytes arrived, but the upload was declared with ${upload.sizeBytes}. Send it again.`,
    );
  }
  if (upload.sha256 === null || upload.sha256 === sha256) return;
  throw new AppError(
    "INVALID_INPUT",
    `What arrived has the sha256 ${sha256}, not the declared ${upload.sha256}. Upload it again.`,
  );
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest("hex");
}
