/** What must not be in an input: declarations that make XML parsers open other files or grow without bound. */
export type ForbiddenMarkup = {
  readonly what: "DOCTYPE" | "ENTITY";
  /** Of the first line 1; known when it lies in the first chunk, as it does in all files but strange ones. */
  readonly line?: number;
};

type Encoding = "bytes" | "utf-16le" | "utf-16be";
type Units = { readonly size: 1 | 2; readonly high: 0 | 1 };
const UNITS: Readonly<Record<Encoding, Units>> = {
  bytes: { size: 1, high: 0 },
  "utf-16le": { size: 2, high: 1 },
  "utf-16be": { size: 2, high: 0 },
};
const WORDS = ["DOCTYPE", "ENTITY"] as const;
const LONGEST = "<!DOCTYPE".length;

/**
 * Finds `<!DOCTYPE` and `<!ENTITY`, in any case, in chunks of a file of UTF-8 (or any other encoding that has
 * ASCII in it) or UTF-16. Also within comments: simple and certain beats clever here.
 */
export class MarkupScanner {
  #encoding: Encoding | undefined;
  #tail: Uint8Array = new Uint8Array(0);
  #isFirst = true;

  /** The first one in this chunk, given the ones before it. */
  push(chunk: Uint8Array): ForbiddenMarkup | undefined {
    if (chunk.length === 0) return undefined;
    const joined = this.#tail.length > 0 ? Buffer.concat([this.#tail, chunk]) : asBuffer(chunk);
    if (this.#isFirst && joined.length < 4) {
      this.#tail = Buffer.from(joined);
      return undefined;
    }
    this.#encoding ??= encodingOf(joined);
    const units = UNITS[this.#encoding];
    const found = findMarkup(joined, units);
    const line =
      found && this.#isFirst ? countLines(joined.subarray(0, found.at), units) : undefined;
    this.#isFirst = false;
    this.#tail = tailOf(joined, units);
    if (!found) return undefined;
    return line === undefined ? { what: found.what } : { what: found.what, line };
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** By byte order mark, or by where the zero lies beside the first `<`. https://www.w3.org/TR/xml/#sec-guessing */
function encodingOf(head: Uint8Array): Encoding {
  const [a, b] = head;
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return "utf-16le";
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return "utf-16be";
  return "bytes";
}

function findMarkup(
  bytes: Buffer,
  units: Units,
): { what: (typeof WORDS)[number]; at: number } | undefined {
  const opening = encode("<!", units);
  for (let at = bytes.indexOf(opening); at >= 0; at = bytes.indexOf(opening, at + 1)) {
    const from = at + opening.length;
    const what = WORDS.find((word) => isWordAt(bytes, from, word, units));
    if (what) return { what, at };
  }
  return undefined;
}

function isWordAt(bytes: Uint8Array, from: number, word: string, { size, high }: Units): boolean {
  if (from + word.length * size > bytes.length) return false;
  for (let index = 0; index < word.length; index += 1) {
    const at = from + index * size;
    const low = bytes[at + (size === 2 ? 1 - high : 0)] ?? 0;
    if (size === 2 && bytes[at + high] !== 0) return false;
    // 0x20 is the bit between upper and lower case.
    if ((low & ~0x20) !== word.charCodeAt(index)) return false;
  }
  return true;
}

function encode(text: string, { size, high }: Units): Buffer {
  const little = Buffer.from(text, size === 1 ? "latin1" : "utf16le");
  return size === 2 && high === 0 ? little.swap16() : little;
}

function countLines(bytes: Buffer, units: Units): number {
  const newline = encode("\n", units);
  let lines = 1;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + newline.length))
    lines += 1;
  return lines;
}

/** Too short to hold a whole match, so nothing is found twice; a copy, since the chunk may be reused. */
function tailOf(bytes: Buffer, { size }: Units): Uint8Array {
  return Buffer.from(bytes.subarray(Math.max(0, bytes.length - (LONGEST * size - 1))));
}
