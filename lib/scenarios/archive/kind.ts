type Signature = {
  readonly at?: number;
  readonly bytes: readonly number[] | string;
  readonly kind: string;
};

/** First bytes of what people send in place of a zip. Most are from https://en.wikipedia.org/wiki/List_of_file_signatures */
const SIGNATURES: readonly Signature[] = [
  { bytes: [0x1f, 0x8b], kind: "a gzip file (.gz or .tar.gz)" },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], kind: "a 7z archive" },
  { bytes: "Rar!", kind: "a RAR archive" },
  { bytes: "BZh", kind: "a bzip2 file" },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], kind: "an xz file" },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], kind: "a zstandard file" },
  { at: 257, bytes: "ustar", kind: "a tar archive" },
  { bytes: "%PDF", kind: "a PDF document" },
];

/** What a file that is no zip is, by its first bytes, as a noun with its article; undefined when it begins as a zip does. */
export function findForeignKind(head: Uint8Array): string | undefined {
  if (head.length === 0) return "an empty file";
  const found = SIGNATURES.find((signature) => matches(head, signature));
  if (found) return found.kind;
  if (matches(head, { bytes: "PK", kind: "" })) return undefined;
  return kindOfText(head) ?? "no zip archive";
}

function matches(head: Uint8Array, { at = 0, bytes }: Signature): boolean {
  const wanted = typeof bytes === "string" ? Buffer.from(bytes) : Buffer.from(bytes);
  return wanted.equals(head.subarray(at, at + wanted.length));
}

function kindOfText(head: Uint8Array): string | undefined {
  if (isHtml(head)) return "an HTML page";
  const text = textOf(head);
  if (text.startsWith("{") || text.startsWith("[")) return "a JSON file";
  return text.startsWith("<") ? "an XML file" : undefined;
}

/** Whether a text begins as a web page does, which is what a browser saves from a page about a file. */
export function isHtml(head: Uint8Array): boolean {
  return /^(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<(!doctype\s+html|html|head|body)\b/i.test(
    textOf(head),
  );
}

function textOf(head: Uint8Array): string {
  return Buffer.from(head.subarray(0, 1_024))
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
}

/** What a file in the archive is that nobody can have meant: "an HTML page", "a Git LFS pointer". */
export function findOddity(head: Uint8Array): string | undefined {
  if (isHtml(head)) return "an HTML page";
  return textOf(head).startsWith("version https://git-lfs.github.com/")
    ? "a Git LFS pointer, not the file itself"
    : undefined;
}
