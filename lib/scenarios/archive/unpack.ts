import { createHash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { crc32, inflateRawSync } from "node:zlib";
import type { BlobIntake } from "@/lib/scenarios/blob-intake";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { toStorageError } from "@/lib/storage/local-file";
import type { Budget } from "./budget";
import { ContentCheck } from "./content-check";
import { type OpenArchive, rethrowBroken, type ZipEntry } from "./open";

/** Below both, a file is unpacked in one synchronous call (about 1 ms at most); a stream costs more than that. */
const SMALL_PACKED_BYTES = 512 * 1_024;
const SMALL_BYTES = 2 ** 20;
const WRITE_BYTES = 256 * 1_024;
const HEAD_BYTES = 1_024;
const DEFLATED = 8;

export type UnpackedFile = {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
};
/** The whole content of a small file, the first bytes of another. */
type See = (file: UnpackedFile, content: Uint8Array) => void;
type Target = {
  readonly budget: Budget;
  readonly intake: BlobIntake;
  readonly store: ArtifactStore;
  readonly see: See;
};

/** Unpacks one file into the intake. Throws INVALID_INPUT for what is broken, too large or forbidden. */
export async function unpackFile(
  archive: OpenArchive,
  { path, entry }: { readonly path: string; readonly entry: ZipEntry },
  target: Target,
): Promise<UnpackedFile> {
  const { raw } = entry;
  const isSmall = raw.compressedSize <= SMALL_PACKED_BYTES && raw.uncompressedSize <= SMALL_BYTES;
  const content = isSmall ? await readSmall(archive, entry).catch(rethrowBroken) : undefined;
  if (content && ContentCheck.tryWhole(content, path, target.budget)) {
    target.budget.spend(content.length, path);
    const file = {
      path,
      sha256: createHash("sha256").update(content).digest("hex"),
      sizeBytes: content.length,
    };
    await target.intake.addContent(file.sha256, content);
    target.see(file, content);
    return file;
  }
  return unpackLarge(archive, path, entry, target);
}

async function readSmall(archive: OpenArchive, { raw, method }: ZipEntry): Promise<Buffer> {
  const { fileDataStart } = await archive.zip.readLocalFileHeaderPromise(raw, { minimal: true });
  const packed = await archive.read(fileDataStart, raw.compressedSize);
  const content =
    method === DEFLATED
      ? inflateRawSync(packed, { maxOutputLength: Math.max(1, raw.uncompressedSize) })
      : Buffer.from(packed);
  requireWhole(raw, content.length, crc32(content));
  return content;
}

function requireWhole(raw: ZipEntry["raw"], sizeBytes: number, checksum: number): void {
  if (sizeBytes !== raw.uncompressedSize) throw new Error("another size than the directory says");
  if (checksum !== raw.crc32) throw new Error("checksum is wrong");
}

async function unpackLarge(
  archive: OpenArchive,
  path: string,
  entry: ZipEntry,
  target: Target,
): Promise<UnpackedFile> {
  const scratch = await target.store.scratchFile();
  const check = new ContentCheck(path, target.budget);
  try {
    const { head, ...file } = await streamOut(archive, path, entry, {
      scratch,
      check,
      budget: target.budget,
    });
    await target.intake.addFile(file.sha256, scratch, file.sizeBytes);
    target.see(file, head);
    return file;
  } catch (error) {
    await rm(scratch, { force: true });
    throw error;
  } finally {
    check.destroy();
  }
}

async function streamOut(
  archive: OpenArchive,
  path: string,
  { raw }: ZipEntry,
  { scratch, check, budget }: { scratch: string; check: ContentCheck; budget: Budget },
): Promise<UnpackedFile & { head: Uint8Array }> {
  const hash = createHash("sha256");
  const source = await archive.zip.openReadStreamPromise(raw).catch(rethrowBroken);
  const output = await GatheredFile.create(scratch);
  let [sizeBytes, checksum, head] = [0, 0, new Uint8Array(0)];
  try {
    for await (const chunk of brokenInWords(source)) {
      budget.spend(chunk.length, path);
      if (sizeBytes === 0) head = Buffer.from(chunk.subarray(0, HEAD_BYTES));
      sizeBytes += chunk.length;
      checksum = crc32(chunk, checksum);
      hash.update(chunk);
      await check.push(chunk);
      await output.write(chunk);
    }
    await check.end();
    await output.flush();
  } finally {
    source.destroy();
    await output.close();
  }
  if (checksum !== raw.crc32) rethrowBroken(new Error("checksum is wrong"));
  return { path, sha256: hash.digest("hex"), sizeBytes, head };
}

async function* brokenInWords(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next().catch(rethrowBroken);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

/** Writes a quarter of a megabyte at a time: the unpacker hands out 16 kB pieces. */
class GatheredFile {
  readonly #file: FileHandle;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(path: string): Promise<GatheredFile> {
    return new GatheredFile(await open(path, "wx", 0o600));
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= WRITE_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    // writeFile on a handle goes on from where it is, and until all is written.
    await this.#file.writeFile(whole).catch((error: unknown) => {
      throw toStorageError(error);
    });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
