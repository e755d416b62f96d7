import { buffer } from "node:stream/consumers";
import { fromBufferPromise } from "yauzl";
import { ZipFile } from "yazl";

export type Entry = { readonly path: string; readonly bytes: Buffer };

export async function readZip(zip: Buffer): Promise<readonly Entry[]> {
  const archive = await fromBufferPromise(zip, { lazyEntries: true });
  const entries: Entry[] = [];
  for await (const entry of archive.eachEntry()) {
    entries.push({
      path: entry.fileName,
      bytes: await buffer(await archive.openReadStreamPromise(entry)),
    });
  }
  return entries;
}

/** The same scenario with other bytes in every file: a comment with a number at each one's end. */
export async function varyZip(entries: readonly Entry[], number: number): Promise<Buffer> {
  const zip = new ZipFile();
  const comment = Buffer.from(`<!-- ${number} -->\n`);
  for (const { path, bytes } of entries) zip.addBuffer(Buffer.concat([bytes, comment]), path);
  zip.end();
  return buffer(zip.outputStream);
}
