/** In these, and in UTF-16 by its byte order mark, `<` is `<`, so a search for markup finds it. */
const TRANSPARENT =
  /^(utf-?8|utf-?16([lb]e)?|(us-)?ascii|iso-?8859-?\d+|latin-?\d|windows-?125\d|cp-?125\d|cp-?(437|85\d|866)|koi8-?[ru]|gb(k|2312|18030)|big5|shift_jis|euc-(jp|kr|cn))$/i;
/** First bytes of XML in UTF-32 and EBCDIC, which XML parsers read as well. https://www.w3.org/TR/xml/#sec-guessing */
const OPAQUE_HEADS: readonly (readonly [string, readonly number[]])[] = [
  ["UTF-32", [0x00, 0x00, 0xfe, 0xff]],
  ["UTF-32", [0xff, 0xfe, 0x00, 0x00]],
  ["UTF-32", [0x00, 0x00, 0x00, 0x3c, 0x00, 0x00, 0x00, 0x3f]],
  ["UTF-32", [0x3c, 0x00, 0x00, 0x00, 0x3f, 0x00, 0x00, 0x00]],
  ["EBCDIC", [0x4c, 0x6f, 0xa7, 0x94]],
];

/** The encoding of a file's first bytes when it is one in which markup could hide from a search. */
export function findOpaqueEncoding(head: Uint8Array): string | undefined {
  const opaque = OPAQUE_HEADS.find(([, bytes]) =>
    bytes.every((byte, index) => head[index] === byte),
  );
  if (opaque) return opaque[0];
  const text = Buffer.from(head.subarray(0, 512)).toString("latin1").replaceAll("\0", "");
  const declared = /^[^<]{0,3}<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/.exec(text)?.[1];
  return declared === undefined || TRANSPARENT.test(declared) ? undefined : declared;
}
