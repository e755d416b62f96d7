import { crc32 } from "node:zlib";

const UTF8_FLAG = 0x800;
const INFO_ZIP_UNICODE_PATH = 0x7075;
const CP437_HIGH =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

type RawName = {
  readonly bytes: Uint8Array;
  readonly flags: number;
  readonly extraFields: readonly { readonly id: number; readonly data: Uint8Array }[];
};

/**
 * The name of a zip entry, `/` between folders. In order: the UTF-8 flag, Info-ZIP's Unicode path, bytes that are
 * valid UTF-8 (macOS and Python set no flag), code page 437. APPNOTE.TXT 4.4.4, 4.6.9 and appendix D.
 */
export function decodeEntryName({ bytes, flags, extraFields }: RawName): string {
  const name =
    unicodePath(bytes, extraFields) ??
    (flags & UTF8_FLAG ? looseUtf8(bytes) : strictUtf8(bytes)) ??
    cp437(bytes);
  return name.replaceAll("\\", "/");
}

function unicodePath(bytes: Uint8Array, extraFields: RawName["extraFields"]): string | undefined {
  const field = extraFields.find(({ id }) => id === INFO_ZIP_UNICODE_PATH);
  if (!field || field.data.length < 6 || field.data[0] !== 1) return undefined;
  const data = Buffer.from(field.data);
  // The checksum tells whether a later tool renamed the entry and forgot the field.
  return data.readUInt32LE(1) === crc32(bytes) ? strictUtf8(data.subarray(5)) : undefined;
}

function looseUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

function strictUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function cp437(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte < 128 ? String.fromCharCode(byte) : CP437_HIGH[byte - 128],
  ).join("");
}
