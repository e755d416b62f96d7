import { expect, test } from "vitest";
import { unicodePathField } from "@/tests/support/zip";
import { decodeEntryName } from "./entry-name";

const UTF8_FLAG = 0x800;
const CP437 = Buffer.from([0x53, 0x74, 0x72, 0x61, 0xe1, 0x65]); // Straße
const LATIN1 = Buffer.from("Straße", "latin1");

/** The field's own header (id and length) is taken off, as the zip reader does. */
const field = (rawName: Uint8Array, path: string) => ({
  id: 0x7075,
  data: unicodePathField(rawName, path).subarray(4),
});

test.each<[string, Uint8Array, number, { id: number; data: Uint8Array }[], string]>([
  ["the UTF-8 flag", Buffer.from("Straße"), UTF8_FLAG, [], "Straße"],
  ["UTF-8 without the flag", Buffer.from("Straße"), 0, [], "Straße"],
  ["code page 437", CP437, 0, [], "Straße"],
  ["Info-ZIP's Unicode path", LATIN1, 0, [field(LATIN1, "Straße")], "Straße"],
  ["a Unicode path of another name", CP437, 0, [field(LATIN1, "forgotten")], "Straße"],
  ["other extra fields", CP437, 0, [{ id: 1, data: Buffer.alloc(8) }], "Straße"],
  ["backslashes", Buffer.from("a\\b\\c"), 0, [], "a/b/c"],
])("a name is read by %s", (_, bytes, flags, extraFields, name) => {
  expect(decodeEntryName({ bytes, flags, extraFields })).toBe(name);
});
