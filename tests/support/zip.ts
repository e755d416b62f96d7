import { crc32, deflateRawSync } from "node:zlib";

/** One entry as it is to stand in the archive; what is left out is as an honest tool writes it. */
export type ZipPart = {
  readonly name: string | Uint8Array;
  readonly content?: string | Uint8Array;
  /** Of Unix, with the type of the file. */
  readonly mode?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly extra?: Uint8Array;
  /** What the directory claims, whatever is true. */
  readonly claimedSize?: number;
  readonly claimedCrc?: number;
};

const UNIX = 3 << 8;

/** A zip by hand, byte by byte, so that it can lie. APPNOTE.TXT 4.3. */
export function makeZip(
  parts: readonly ZipPart[],
  options: { claimedEntries?: number } = {},
): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const { local, central } = makeEntry(part, offset);
    locals.push(local);
    directory.push(central);
    offset += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(options.claimedEntries ?? parts.length, 8);
  end.writeUInt16LE(options.claimedEntries ?? parts.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

function makeEntry(part: ZipPart, offset: number): { local: Buffer; central: Buffer } {
  const name = Buffer.from(part.name as string);
  const content = Buffer.from((part.content ?? "") as string);
  const method = part.method ?? 8;
  const data = method === 8 ? deflateRawSync(content) : content;
  const extra = Buffer.from(part.extra ?? []);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(part.flags ?? 0, 2);
  fields.writeUInt16LE(method, 4);
  fields.writeUInt32LE(part.claimedCrc ?? crc32(content), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(part.claimedSize ?? content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  fields.writeUInt16LE(extra.length, 24);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(((part.mode ?? 0o100644) << 16) >>> 0, 6);
  tail.writeUInt32LE(offset, 10);
  const made = Buffer.alloc(2);
  made.writeUInt16LE(UNIX | 20);
  return {
    local: Buffer.concat([signature(0x04034b50), fields, name, extra, data]),
    central: Buffer.concat([signature(0x02014b50), made, fields, tail, name, extra]),
  };
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Info-ZIP's Unicode path for an entry of that raw name. */
export function unicodePathField(rawName: Uint8Array, path: string): Buffer {
  const utf8 = Buffer.from(path);
  const field = Buffer.alloc(9);
  field.writeUInt16LE(0x7075, 0);
  field.writeUInt16LE(5 + utf8.length, 2);
  field[4] = 1;
  field.writeUInt32LE(crc32(rawName), 5);
  return Buffer.concat([field, utf8]);
}
