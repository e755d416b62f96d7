import type { Hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { AppError, isAppError } from "@/lib/domain/errors";
import { isStorageKey, resultKey } from "@/lib/storage/keys";
import { answer, type Call } from "./call";
import { storageLeft } from "./store";

/** HEAD /v1/files/{path} */
export async function tellFileOffset(call: Call): Promise<void> {
  const size = await sizeOf(call, keyOf(call));
  answer(call.response, 200, undefined, { "upload-offset": size });
}

/** PUT /v1/files/{path}: appends at Upload-Offset. */
export async function takeFile(call: Call): Promise<void> {
  const key = keyOf(call);
  const offset = Number(call.request.headers["upload-offset"] ?? "x");
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new AppError("BAD_REQUEST", "Upload-Offset must be a whole number of bytes.");
  }
  await call.uploads.exclusive(key, () => append(call, key, offset));
}

async function append(call: Call, key: string, offset: number): Promise<void> {
  const { portal, uploads, running, request, response } = call;
  const present = await sizeOf(call, key);
  if (present !== offset) return answer(response, 409, undefined, { "upload-offset": present });
  const left = (await storageLeft(portal.database.db, running.job.tenantId)) - offset;
  if (Number(request.headers["content-length"] ?? 0) > left) throw storageFull();
  const hash = uploads.take(key, offset);
  try {
    const size = await portal.store.append(key, offset, Readable.from(watch(request, hash, left)));
    if (hash) uploads.keep(key, size, hash);
    answer(response, 204, undefined, { "upload-offset": size });
  } catch (error) {
    if (!isAppError(error) || error.code !== "CONFLICT") throw error;
    answer(response, 409, undefined, { "upload-offset": await sizeOf(call, key) });
  }
}

async function* watch(request: IncomingMessage, hash: Hash | undefined, left: number) {
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > left) throw storageFull();
    hash?.update(part);
    yield part;
  }
}

function storageFull(): AppError {
  return new AppError("TOO_LARGE", "The tenant's storage is full.");
}

async function sizeOf({ portal }: Call, key: string): Promise<number> {
  return (await portal.store.stat(key))?.sizeBytes ?? 0;
}

function keyOf({ running: { job }, path }: Call): string {
  if (!isResultPath(path)) throw new AppError("BAD_REQUEST", "This is no path of a result file.");
  return resultKey(job.tenantId, job.id, job.attempt, path);
}

/** A relative path that a file system can hold and that stays below its folder. */
export function isResultPath(path: string): boolean {
  return path.isWellFormed() && !path.includes("\0") && isStorageKey(resultKey("t", "j", 1, path));
}
