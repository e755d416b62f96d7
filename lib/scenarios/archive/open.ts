import { type FileHandle, open } from "node:fs/promises";
import { type Entry, fromBufferPromise, fromFdPromise, type ZipFile } from "yauzl";
import { AppError, isAppError } from "@/lib/domain/errors";
import { decodeEntryName } from "./entry-name";
import { findForeignKind } from "./kind";
import type { ArchiveEntry, ArchiveLimits } from "./rules";

const IN_MEMORY_BYTES = 8 * 2 ** 20;
const OPTIONS = {
  lazyEntries: true,
  decodeStrings: false,
  validateEntrySizes: true,
  autoClose: false,
};

export type ZipEntry = ArchiveEntry & { readonly raw: Entry };
export type OpenArchive = {
  readonly sizeBytes: number;
  readonly zip: ZipFile;
  readonly entries: readonly ZipEntry[];
  /** Bytes of the archive itself. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
};

/** Opens a zip and reads its directory. Throws INVALID_INPUT that says what the file is when it is no zip. */
export async function openArchive(path: string, limits: ArchiveLimits): Promise<OpenArchive> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    await requireZip(file);
    // Small archives are the most, and one read of all is ten times faster than many.
    const whole = size <= IN_MEMORY_BYTES ? await readAt(file, 0, size) : undefined;
    const zip = await (whole
      ? fromBufferPromise(whole, OPTIONS)
      : fromFdPromise(file.fd, OPTIONS)
    ).catch(rethrowBroken);
    return {
      sizeBytes: size,
      zip,
      entries: await readEntries(zip, limits),
      read: async (position, length) =>
        whole ? whole.subarray(position, position + length) : readAt(file, position, length),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function requireZip(file: FileHandle): Promise<void> {
  const kind = findForeignKind(await readAt(file, 0, 1_024));
  if (!kind) return;
  throw new AppError(
    "INVALID_INPUT",
    `The file is ${kind}. Send a zip archive of the scenario's files.`,
  );
}

async function readEntries(zip: ZipFile, { maxFiles }: ArchiveLimits): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  if (zip.entryCount > maxFiles) tooMany(maxFiles);
  try {
    for await (const raw of zip.eachEntry()) {
      if (entries.length >= maxFiles) tooMany(maxFiles);
      entries.push(toZipEntry(raw));
    }
  } catch (error) {
    rethrowBroken(error);
  }
  if (entries.length === 0)
    throw new AppError("INVALID_INPUT", "The archive is empty. Put the scenario's files into it.");
  return entries;
}

function toZipEntry(raw: Entry): ZipEntry {
  return {
    raw,
    name: decodeEntryName({
      bytes: raw.fileNameRaw,
      flags: raw.generalPurposeBitFlag,
      extraFields: raw.extraFields,
    }),
    mode: raw.externalFileAttributes >>> 16,
    isEncrypted: raw.isEncrypted(),
    method: raw.compressionMethod,
  };
}

function tooMany(maxFiles: number): never {
  throw new AppError(
    "INVALID_INPUT",
    `The archive has more than ${maxFiles} files. Leave out what the simulation does not need.`,
  );
}

/** Any error of the zip reader means that the bytes are wrong; an AppError is passed on. */
export function rethrowBroken(cause: unknown): never {
  if (isAppError(cause)) throw cause;
  if (cause instanceof Error && /encrypt/.test(cause.message)) {
    throw new AppError(
      "INVALID_INPUT",
      "The zip archive is encrypted. Make it without a password.",
      { cause },
    );
  }
  throw new AppError(
    "INVALID_INPUT",
    "The zip archive is broken or truncated. Make it again, and check that the upload was complete.",
    { cause },
  );
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}
