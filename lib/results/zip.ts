import type { Readable } from "node:stream";
import { ZipFile } from "yazl";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { zipNames } from "./zip-names";

export type ZipEntry = { readonly path: string; readonly key: string; readonly sizeBytes: number };

const PACKED = /\.(gz|zip|zst|bz2|xz|png|jpe?g|parquet)$/i;
/** A compressor costs more than it saves on so little. */
const SMALL_BYTES = 4_096;
/** From here on a reader needs to be told that sizes have 64 bits. */
const ZIP64_BYTES = 0xffff_fffe;

/**
 * A zip of stored files, made while it is read: one file is open at a time and nothing is kept on disk.
 * Destroying the stream closes that file. A file that cannot be read breaks the stream, so that no short archive looks whole.
 */
export function zipStream(
  store: ArtifactStore,
  entries: readonly ZipEntry[],
  modifiedAt: Date,
): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  let open: Readable | undefined;
  const fail = (error: unknown) =>
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  zip.on("error", fail);
  output.once("close", () => open?.destroy());
  const names = zipNames(entries.map(({ path }) => path));
  for (const [index, { path, key, sizeBytes }] of entries.entries()) {
    const options = {
      size: sizeBytes,
      mtime: modifiedAt,
      compressionLevel: sizeBytes < SMALL_BYTES || PACKED.test(path) ? 0 : 1,
      forceZip64Format: sizeBytes > ZIP64_BYTES,
    };
    zip.addReadStreamLazy(names[index] ?? path, options, (take) => {
      if (output.destroyed) return;
      store.open(key).then((content) => {
        if (output.destroyed) return content.destroy();
        open = content;
        content.once("error", fail);
        return take(null, content);
      }, fail);
    });
  }
  zip.end();
  return output;
}
