import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import type { Database } from "@/lib/db/client";
import { AppError, isAppError } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import { readBody } from "@/lib/http/receive-body";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { uploadKey } from "@/lib/storage/keys";
import { toStorageError, writeAt } from "@/lib/storage/local-file";
import { getUpload, withUploadLocked } from "./store";

type Deps = { readonly database: Database; readonly store: ArtifactStore };
/** `offset`: bytes that the portal has now. */
export type PartOutcome = { readonly offset: number; readonly refusal?: AppError };

/** Bytes of an upload that the portal has. Throws NOT_FOUND. */
export async function getUploadOffset({ database, store }: Deps, scope: TenantScope, id: string) {
  const upload = await getUpload(database.db, scope, id);
  if (upload.scenarioId) return { upload, offset: upload.sizeBytes };
  const stored = await store.stat(uploadKey(upload.tenantId, upload.id));
  return { upload, offset: stored?.sizeBytes ?? 0 };
}

/**
 * Takes one part at `offset`. It is received first and appended under a lock then, so that a slow sender holds no
 * lock; of a part that breaks off, what arrived is kept. A part that does not fit is a refusal beside the true offset.
 */
export async function receivePart(
  deps: Deps,
  scope: TenantScope,
  id: string,
  offset: number,
  request: Request,
): Promise<PartOutcome> {
  const before = await getUploadOffset(deps, scope, id);
  if (before.offset !== offset)
    return { offset: before.offset, refusal: wrongOffset(before.offset) };
  const scratch = await deps.store.scratchFile();
  try {
    const part = await receiveSome(request, scratch, before.upload.sizeBytes - offset);
    const appended = part.bytes > 0 ? await append(deps, scope, id, offset, scratch) : { offset };
    return part.fault && !appended.refusal ? { ...appended, refusal: part.fault } : appended;
  } finally {
    await rm(scratch, { force: true });
  }
}

/** Whatever arrives, at most `maxBytes`; with what went wrong when it ended early. */
async function receiveSome(
  request: Request,
  path: string,
  maxBytes: number,
): Promise<{ bytes: number; fault?: AppError }> {
  const file = await open(path, "wx", 0o600);
  let bytes = 0;
  try {
    for await (const chunk of readBody(request)) {
      if (bytes + chunk.length > maxBytes)
        throw new AppError(
          "BAD_REQUEST",
          "The part has more bytes than the upload was declared with.",
        );
      bytes += await writeAt(file, bytes, chunk);
    }
    return { bytes };
  } catch (error) {
    if (isAppError(error) && error.code === "BAD_REQUEST") return { bytes, fault: error };
    throw toStorageError(error);
  } finally {
    await file.close();
  }
}

async function append(
  { database, store }: Deps,
  scope: TenantScope,
  id: string,
  offset: number,
  scratch: string,
): Promise<PartOutcome> {
  return withUploadLocked(database, scope, id, async () => {
    const key = uploadKey(scope.tenantId, id);
    const size = (await store.stat(key))?.sizeBytes ?? 0;
    if (size !== offset) return { offset: size, refusal: wrongOffset(size) };
    return {
      offset: await store.append(
        key,
        offset,
        createReadStream(scratch, { highWaterMark: 2 ** 20 }),
      ),
    };
  });
}

function wrongOffset(offset: number): AppError {
  return new AppError(
    "CONFLICT",
    `The portal has ${offset} bytes of this upload. Go on at Upload-Offset ${offset}.`,
  );
}
