import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { AppError, isAppError } from "@/lib/domain/errors";

export type Content = AsyncIterable<Uint8Array> | Uint8Array;

/** A new file with this content. Removing it after a failure is the caller's part. */
export async function writeNew(
  path: string,
  content: Content,
): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash("sha256");
  const file = await open(path, "wx", 0o600);
  try {
    const sizeBytes = await writeAt(file, 0, content, (chunk) => hash.update(chunk));
    return { sizeBytes, sha256: hash.digest("hex") };
  } finally {
    await file.close();
  }
}

/** Writes from `offset` on and returns how many bytes. */
export async function writeAt(
  file: FileHandle,
  offset: number,
  content: Content,
  see: (chunk: Uint8Array) => void = () => undefined,
): Promise<number> {
  let written = 0;
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    const bytes: Uint8Array = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    see(bytes);
    written += await writeWhole(file, bytes, offset + written);
  }
  return written;
}

/** One write may take only a part, at a full disk above all. */
async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
  return bytes.length;
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** A full disk in words; all else as it is. */
export function toStorageError(error: unknown): unknown {
  if (isAppError(error)) return error;
  if (!hasCode(error, "ENOSPC") && !hasCode(error, "EDQUOT")) return error;
  return new AppError(
    "STORAGE_FULL",
    "The portal's disk is full. Nothing was stored; an administrator must free space.",
    {
      cause: error,
      retryAfterSeconds: 60,
    },
  );
}
