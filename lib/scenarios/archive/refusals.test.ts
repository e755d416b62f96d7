import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Intake, openIntake, part, zipWith } from "@/tests/support/intake";
import { makeZip } from "@/tests/support/zip";

let intake: Intake;
beforeAll(async () => {
  intake = await openIntake();
});
afterAll(() => intake.close());

const DTD =
  '<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE x [ <!ENTITY a SYSTEM "file:///etc/passwd"> ]><x/>';

test.each<[string, () => Uint8Array, RegExp]>([
  ["a path that leaves", () => zipWith(part("../evil")), /\.\.\/evil has a path that leaves/],
  ["one in the middle", () => zipWith(part("a/../../evil")), /leaves the archive's folder/],
  ["an absolute path", () => zipWith(part("/etc/cron.d/evil")), /absolute path/],
  ["a drive", () => zipWith(part("C:\\evil.txt")), /Windows drive/],
  ["backslashes that leave", () => zipWith(part("a\\..\\..\\evil")), /leaves the archive's folder/],
  ["a share", () => zipWith(part("\\\\host\\evil")), /absolute path/],
  [
    "a link",
    () => zipWith(part("l", { mode: 0o120777, content: "/etc/passwd" })),
    /l is a symbolic link/,
  ],
  ["a device", () => zipWith(part("d", { mode: 0o020666 })), /d is a device/],
  ["a block device", () => zipWith(part("d", { mode: 0o060666 })), /d is a device/],
  ["a socket", () => zipWith(part("s", { mode: 0o140666 })), /s is a socket/],
  ["a pipe", () => zipWith(part("p", { mode: 0o010666 })), /p is a named pipe/],
  ["an encrypted entry", () => zipWith(part("s", { flags: 1 })), /s is encrypted/],
  ["strong encryption", () => zipWith(part("s", { flags: 0x41 })), /encrypted/],
  ["LZMA", () => zipWith(part("s", { method: 14 })), /compressed with LZMA/],
  [
    "names equal but for case",
    () => zipWith(part("A.NET.xml")),
    /A\.NET\.xml has the same name as a\.net\.xml but for case/,
  ],
  ["a name twice", () => zipWith(part("q"), part("q")), /q is in the archive twice/],
  [
    "a file that is a folder",
    () => zipWith(part("f"), part("f/g")),
    /f is both a file and a folder/,
  ],
  ["a control character", () => zipWith(part("a\nb")), /control character/],
  ["a very long name", () => zipWith(part("n".repeat(300))), /more than 255 bytes/],
  [
    "a bomb",
    () => zipWith(part("b", { content: Buffer.alloc(3_000_000) })),
    /more than 200 times its size/,
  ],
  [
    "a small bomb",
    () => zipWith(part("b", { content: Buffer.alloc(900_000) })),
    /more than 200 times its size/,
  ],
  [
    "a bomb in .gz",
    () => zipWith(part("b.gz", { content: gzipSync(Buffer.alloc(50_000_000)) })),
    /more than 200 times its size/,
  ],
  [
    "a bomb that claims to be small",
    () => zipWith(part("b", { content: Buffer.alloc(3_000_000), claimedSize: 100 })),
    /broken or truncated/,
  ],
  [
    "a wrong checksum",
    () => zipWith(part("b", { method: 0, claimedCrc: 1 })),
    /broken or truncated/,
  ],
  [
    "a wrong checksum of a large file",
    () => zipWith(part("b", { content: randomBytes(2_000_000), claimedCrc: 1 })),
    /broken or truncated/,
  ],
  [
    "more entries than there are",
    () => makeZip([part("a")], { claimedEntries: 9 }),
    /broken or truncated/,
  ],
  ["a truncated archive", () => zipWith().subarray(0, 150), /broken or truncated/],
  [
    "a cut in the middle",
    () => Buffer.concat([zipWith().subarray(0, 60), zipWith().subarray(90)]),
    /broken or truncated/,
  ],
  ["an empty zip", () => makeZip([]), /archive is empty/],
  [
    "only what systems leave",
    () => makeZip([part("__MACOSX/._a"), part(".DS_Store")]),
    /has no files/,
  ],
  ["an empty file", () => Buffer.alloc(0), /is an empty file/],
  ["an HTML page", () => Buffer.from("\n<!DOCTYPE html><html>"), /is an HTML page/],
  ["gzip", () => gzipSync("x"), /is a gzip file/],
  ["7z", () => Buffer.from("377abcaf271c0004", "hex"), /is a 7z archive/],
  ["RAR", () => Buffer.from("Rar!\x1a\x07\x01\0"), /is a RAR archive/],
  [
    "tar",
    () => Buffer.concat([Buffer.alloc(257), Buffer.from("ustar\0"), Buffer.alloc(249)]),
    /is a tar archive/,
  ],
  ["XML", () => Buffer.from("<configuration/>"), /is an XML file/],
  ["anything", () => Buffer.from("hello"), /is no zip archive/],
  ["DOCTYPE", () => zipWith(part("e.xml", { content: DTD })), /e\.xml, line 3: contains DOCTYPE/],
  [
    "DOCTYPE in a large file",
    () =>
      zipWith(
        part("e.xml", { content: Buffer.concat([randomBytes(2_000_000), Buffer.from(DTD)]) }),
      ),
    /e\.xml: contains DOCTYPE/,
  ],
  [
    "DOCTYPE in UTF-16",
    () => zipWith(part("e.xml", { content: Buffer.from(`\uFEFF${DTD}`, "utf16le") })),
    /line 3: contains DOCTYPE/,
  ],
  [
    "DOCTYPE in .gz",
    () => zipWith(part("e.xml.gz", { content: gzipSync(DTD) })),
    /e\.xml\.gz, line 3: contains DOCTYPE/,
  ],
  [
    "DOCTYPE in gzip of another name",
    () =>
      zipWith(
        part("e.xml", {
          content: gzipSync(Buffer.concat([randomBytes(6_000_000), Buffer.from(DTD)])),
        }),
      ),
    /e\.xml: contains DOCTYPE/,
  ],
  ["ENTITY", () => zipWith(part("e.xml", { content: '<!ENTITY a "b">' })), /contains ENTITY/],
  [
    "an HTML page in place of a file",
    () => zipWith(part("e.net.xml", { content: "\n<!doctype html><html>" })),
    /e\.net\.xml, line 2: this is an HTML page.*raw file/,
  ],
  [
    "UTF-7",
    () =>
      zipWith(part("e.xml", { content: '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE' })),
    /encoding UTF-7/,
  ],
  [
    "a broken .gz",
    () => zipWith(part("e.gz", { content: gzipSync("hello").subarray(0, 15) })),
    /broken or truncated gzip/,
  ],
  [
    "a large broken .gz",
    () =>
      zipWith(part("e.gz", { content: gzipSync(randomBytes(2_000_000)).subarray(0, 1_500_000) })),
    /broken or truncated gzip/,
  ],
])("refused in words, with nothing left behind: %s", async (_, make, sentence) => {
  const scope = await intake.newTenant();
  const before = (await readdir(intake.dir)).toSorted();
  expect(await intake.refusal(scope, make())).toMatch(sentence);
  expect(await intake.filesOf(scope)).toEqual([]);
  expect((await readdir(intake.dir)).toSorted()).toEqual(before);
  expect(existsSync("/tmp/evil")).toBe(false);
  expect(await intake.storedBytes(scope)).toBe(0);
  expect(
    await intake.database.sql`select 1 from scenarios where tenant_id = ${scope.tenantId}`,
  ).toHaveLength(0);
});
test("counts and sizes have limits of their own", async () => {
  const scope = await intake.newTenant();
  const limits = { maxFiles: 3, maxUnpackedBytes: 1_000_000, maxRatio: 200 };
  expect(await intake.refusal(scope, zipWith(part("c"), part("d")), { limits })).toMatch(
    /more than 3 files/,
  );
  expect(
    await intake.refusal(scope, zipWith(part("c", { content: randomBytes(1_100_000) })), {
      limits,
    }),
  ).toMatch(/unpacks to more than/);
});
