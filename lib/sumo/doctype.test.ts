import { expect, test } from "vitest";
import { MarkupScanner } from "./doctype";
import { findOpaqueEncoding } from "./xml-encoding";

function scan(content: Uint8Array, chunkBytes: number) {
  const scanner = new MarkupScanner();
  for (let at = 0; at < content.length; at += chunkBytes) {
    const found = scanner.push(content.subarray(at, at + chunkBytes));
    if (found) return found.what;
  }
  return undefined;
}

const FOUND: readonly (readonly [string, string])[] = [
  ['<?xml version="1.0"?>\n<!DOCTYPE a>', "DOCTYPE"],
  ["<a><!entity b 'c'></a>", "ENTITY"],
  ["<!<!DOCTYPE a>", "DOCTYPE"],
  [`${"x".repeat(100)}<!DocType`, "DOCTYPE"],
];
const CLEAN = [
  "<a><!-- DOCTYPE ENTITY --></a>",
  "<![CDATA[ DOCTYPE ]]>",
  "<! DOCTYPE",
  "<!DOCTYP",
  "",
  "<",
];
const ENCODINGS: readonly (readonly [string, (text: string) => Buffer])[] = [
  ["UTF-8", (text) => Buffer.from(text)],
  ["UTF-8 with mark", (text) => Buffer.from(`\uFEFF${text}`)],
  ["UTF-16 LE", (text) => Buffer.from(`\uFEFF${text}`, "utf16le")],
  ["UTF-16 BE", (text) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16()],
];

test.each(ENCODINGS)("finds declarations in %s, wherever the chunks are cut", (_, encode) => {
  for (const chunkBytes of [1, 2, 3, 7, 16, 1_000]) {
    for (const [text, what] of FOUND) expect(scan(encode(text), chunkBytes)).toBe(what);
    for (const text of CLEAN) expect(scan(encode(text), chunkBytes)).toBeUndefined();
  }
});

test("UTF-16 is known without a mark, by its first character", () => {
  expect(scan(Buffer.from("<a/><!DOCTYPE", "utf16le"), 5)).toBe("DOCTYPE");
  expect(scan(Buffer.from("<a/><!DOCTYPE", "utf16le").swap16(), 5)).toBe("DOCTYPE");
});

test("the line is told when it is in the first chunk", () => {
  expect(new MarkupScanner().push(Buffer.from("1\n2\r\n<!DOCTYPE"))).toEqual({
    what: "DOCTYPE",
    line: 3,
  });
  expect(new MarkupScanner().push(Buffer.from("\uFEFF1\n<!ENTITY", "utf16le"))).toEqual({
    what: "ENTITY",
    line: 2,
  });
});

test.each<[string, Buffer, string | undefined]>([
  ["UTF-8", Buffer.from('<?xml version="1.0" encoding="UTF-8"?>'), undefined],
  ["Latin 1", Buffer.from("<?xml version='1.0' encoding='iso-8859-1'?>"), undefined],
  ["Windows", Buffer.from('<?xml version="1.0" encoding="windows-1252"?>'), undefined],
  ["UTF-16", Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-16"?>', "utf16le"), undefined],
  ["no declaration", Buffer.from("<a encoding='UTF-7'/>"), undefined],
  ["UTF-7", Buffer.from('<?xml version="1.0" encoding="UTF-7"?>'), "UTF-7"],
  ["EBCDIC", Buffer.from("4c6fa79493", "hex"), "EBCDIC"],
  ["UTF-32", Buffer.from("0000003c0000003f", "hex"), "UTF-32"],
])("an encoding that hides markup is told: %s", (_, head, encoding) => {
  expect(findOpaqueEncoding(head)).toBe(encoding);
});
