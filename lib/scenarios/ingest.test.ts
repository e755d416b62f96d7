import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAppError } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import { FileArtifactStore } from "@/lib/storage/file-store";
import { blobKey } from "@/lib/storage/keys";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { insertTenant } from "@/tests/support/tenant";
import { makeZip, type ZipPart } from "@/tests/support/zip";
import { removeFreed } from "./free";
import { ingestArchive } from "./ingest";
import { getScenario, listScenarioFiles, releaseScenario } from "./store";

let database: TestDatabase;
let dir: string;
let store: FileArtifactStore;
let tenants = 0;

beforeAll(async () => {
  database = await openTestDatabase();
  dir = await mkdtemp(join(tmpdir(), "sumo-k8-ingest-"));
  store = new FileArtifactStore(join(dir, "files"));
});
afterAll(async () => {
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

const newTenant = (limits = {}) => insertTenant(database, `tenant-${++tenants}`, limits);

async function ingest(
  scope: TenantScope,
  archive: Uint8Array,
  options: { kept?: boolean; limits?: never } = {},
) {
  const path = join(dir, `${randomBytes(8).toString("hex")}.zip`);
  await writeFile(path, archive);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const received = { path, fileName: "a.zip", sizeBytes: archive.length, sha256 };
  try {
    return await ingestArchive({ database, store }, scope, received, { kept: false, ...options });
  } finally {
    await rm(path);
  }
}

async function refusal(scope: TenantScope, archive: Uint8Array, limits?: object) {
  return ingest(scope, archive, (limits ? { limits } : {}) as never).then(
    () => "accepted",
    (error: unknown) => {
      if (!isAppError(error)) throw error;
      return `${error.code} ${error.message}`;
    },
  );
}

/** All files below the store, scratch included. */
async function filesOf(tenantId: string): Promise<string[]> {
  const found = await readdir(join(dir, "files"), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.includes(`/${tenantId}/`) || path.includes(".scratch"));
}

async function storedBytes({ tenantId }: TenantScope): Promise<number> {
  const [row] = await database.sql`select stored_bytes from tenants where id = ${tenantId}`;
  return Number(row?.["stored_bytes"]);
}

const GOOD: readonly ZipPart[] = [
  { name: "run.sumocfg", content: '<configuration><net-file value="a.net.xml"/></configuration>' },
  { name: "a.net.xml", content: "<net/>" },
];
const zipWith = (...parts: ZipPart[]) => makeZip([...GOOD, ...parts]);

test("an archive becomes a scenario whose files are stored by content, once each", async () => {
  const scope = await newTenant();
  const big = randomBytes(3_000_000);
  const scenario = await ingest(
    scope,
    zipWith({ name: "in/b.xml", content: "<net/>" }, { name: "big.bin", content: big }),
  );
  expect(scenario).toMatchObject({ fileCount: 4, kept: false });
  expect(scenario.configs).toEqual([{ path: "run.sumocfg", inputs: ["a.net.xml"], faults: [] }]);
  const files = await listScenarioFiles(database.db, scope.tenantId, scenario.id);
  expect(files.map(({ path }) => path)).toEqual([
    "a.net.xml",
    "big.bin",
    "in/b.xml",
    "run.sumocfg",
  ]);
  const [net, blob] = files;
  expect(
    (await buffer(await store.open(blobKey(scope.tenantId, net?.sha256 ?? "")))).toString(),
  ).toBe("<net/>");
  expect(await buffer(await store.open(blobKey(scope.tenantId, blob?.sha256 ?? "")))).toEqual(big);
  expect(await filesOf(scope.tenantId)).toHaveLength(3);
  expect(await storedBytes(scope)).toBe(big.length + 6 + (GOOD[0]?.content?.length ?? 0));
});

test("the same archive again is the same scenario; another tenant gets its own", async () => {
  const [scope, other] = [await newTenant(), await newTenant()];
  const first = await ingest(scope, zipWith());
  expect(await ingest(scope, zipWith())).toEqual(first);
  expect((await ingest(scope, zipWith(), { kept: true })).kept).toBe(true);
  expect((await getScenario(database.db, scope, first.id)).kept).toBe(true);
  const theirs = await ingest(other, zipWith());
  expect(theirs.id).not.toBe(first.id);
  await expect(getScenario(database.db, other, first.id)).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("an archive that is there already is not even opened", async () => {
  const scope = await newTenant();
  const archive = zipWith();
  const { id } = await ingest(scope, archive);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const received = { path: "/nonexistent", fileName: "a.zip", sizeBytes: archive.length, sha256 };
  expect((await ingestArchive({ database, store }, scope, received, { kept: false })).id).toBe(id);
});

const file = (name: string | Uint8Array, more: Partial<ZipPart> = {}): ZipPart => ({
  name,
  content: "x",
  ...more,
});
const DTD =
  '<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE x [ <!ENTITY a SYSTEM "file:///etc/passwd"> ]><x/>';

test.each<[string, () => Uint8Array, RegExp]>([
  ["a path that leaves", () => zipWith(file("../evil")), /\.\.\/evil has a path that leaves/],
  ["one in the middle", () => zipWith(file("a/../../evil")), /leaves the archive's folder/],
  ["an absolute path", () => zipWith(file("/etc/cron.d/evil")), /absolute path/],
  ["a drive", () => zipWith(file("C:\\evil.txt")), /Windows drive/],
  ["backslashes that leave", () => zipWith(file("a\\..\\..\\evil")), /leaves the archive's folder/],
  ["a share", () => zipWith(file("\\\\host\\evil")), /absolute path/],
  [
    "a link",
    () => zipWith(file("l", { mode: 0o120777, content: "/etc/passwd" })),
    /l is a symbolic link/,
  ],
  ["a device", () => zipWith(file("d", { mode: 0o020666 })), /d is a device/],
  ["a pipe", () => zipWith(file("p", { mode: 0o010666 })), /p is a named pipe/],
  ["an encrypted entry", () => zipWith(file("s", { flags: 1 })), /s is encrypted/],
  ["strong encryption", () => zipWith(file("s", { flags: 0x41 })), /encrypted/],
  ["LZMA", () => zipWith(file("s", { method: 14 })), /compressed with LZMA/],
  [
    "names equal but for case",
    () => zipWith(file("A.NET.xml")),
    /A\.NET\.xml has the same name as a\.net\.xml but for case/,
  ],
  ["a name twice", () => zipWith(file("q"), file("q")), /q is in the archive twice/],
  [
    "a file that is a folder",
    () => zipWith(file("f"), file("f/g")),
    /f is both a file and a folder/,
  ],
  ["a control character", () => zipWith(file("a\nb")), /control character/],
  ["a very long name", () => zipWith(file("n".repeat(300))), /more than 255 bytes/],
  [
    "a bomb",
    () => zipWith(file("b", { content: Buffer.alloc(3_000_000) })),
    /more than 200 times its size/,
  ],
  [
    "a small bomb",
    () => zipWith(file("b", { content: Buffer.alloc(900_000) })),
    /more than 200 times its size/,
  ],
  [
    "a bomb in .gz",
    () => zipWith(file("b.gz", { content: gzipSync(Buffer.alloc(50_000_000)) })),
    /more than 200 times its size/,
  ],
  [
    "a bomb that claims to be small",
    () => zipWith(file("b", { content: Buffer.alloc(3_000_000), claimedSize: 100 })),
    /broken or truncated/,
  ],
  [
    "a wrong checksum",
    () => zipWith(file("b", { method: 0, claimedCrc: 1 })),
    /broken or truncated/,
  ],
  [
    "a wrong checksum of a large file",
    () => zipWith(file("b", { content: randomBytes(2_000_000), claimedCrc: 1 })),
    /broken or truncated/,
  ],
  [
    "more entries than there are",
    () => makeZip(GOOD, { claimedEntries: 9 }),
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
    () => makeZip([file("__MACOSX/._a"), file(".DS_Store")]),
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
  ["DOCTYPE", () => zipWith(file("e.xml", { content: DTD })), /e\.xml, line 3: contains DOCTYPE/],
  [
    "DOCTYPE in a large file",
    () =>
      zipWith(
        file("e.xml", { content: Buffer.concat([randomBytes(2_000_000), Buffer.from(DTD)]) }),
      ),
    /e\.xml: contains DOCTYPE/,
  ],
  [
    "DOCTYPE in UTF-16",
    () => zipWith(file("e.xml", { content: Buffer.from(`\uFEFF${DTD}`, "utf16le") })),
    /line 3: contains DOCTYPE/,
  ],
  [
    "DOCTYPE in .gz",
    () => zipWith(file("e.xml.gz", { content: gzipSync(DTD) })),
    /e\.xml\.gz, line 3: contains DOCTYPE/,
  ],
  [
    "DOCTYPE in gzip of another name",
    () =>
      zipWith(
        file("e.xml", {
          content: gzipSync(Buffer.concat([randomBytes(6_000_000), Buffer.from(DTD)])),
        }),
      ),
    /e\.xml: contains DOCTYPE/,
  ],
  ["ENTITY", () => zipWith(file("e.xml", { content: '<!ENTITY a "b">' })), /contains ENTITY/],
  [
    "an HTML page in place of a file",
    () => zipWith(file("e.net.xml", { content: "\n<!doctype html><html>" })),
    /e\.net\.xml, line 2: this is an HTML page.*raw file/,
  ],
  [
    "UTF-7",
    () =>
      zipWith(file("e.xml", { content: '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE' })),
    /encoding UTF-7/,
  ],
  [
    "a broken .gz",
    () => zipWith(file("e.gz", { content: gzipSync("hello").subarray(0, 15) })),
    /broken or truncated gzip/,
  ],
  [
    "a large broken .gz",
    () =>
      zipWith(file("e.gz", { content: gzipSync(randomBytes(2_000_000)).subarray(0, 1_500_000) })),
    /broken or truncated gzip/,
  ],
])("refused in words, with nothing left behind: %s", async (_, make, sentence) => {
  const scope = await newTenant();
  const before = (await readdir(dir)).toSorted();
  expect(await refusal(scope, make())).toMatch(sentence);
  expect(await filesOf(scope.tenantId)).toEqual([]);
  expect((await readdir(dir)).toSorted()).toEqual(before);
  expect(existsSync("/tmp/evil")).toBe(false);
  expect(await storedBytes(scope)).toBe(0);
  expect(
    await database.sql`select 1 from scenarios where tenant_id = ${scope.tenantId}`,
  ).toHaveLength(0);
});

test("counts and sizes have limits of their own", async () => {
  const scope = await newTenant();
  const limits = { maxFiles: 3, maxUnpackedBytes: 1_000_000, maxRatio: 200 };
  expect(await refusal(scope, zipWith(file("c"), file("d")), limits)).toMatch(/more than 3 files/);
  expect(
    await refusal(scope, zipWith(file("c", { content: randomBytes(1_100_000) })), limits),
  ).toMatch(/unpacks to more than/);
});

test("what systems leave in archives is left out, and names in any encoding are kept", async () => {
  const scope = await newTenant();
  const cp437 = Buffer.from([0x53, 0x74, 0x72, 0x61, 0xe1, 0x65, 0x2e, 0x78]); // Straße.x
  const archive = zipWith(
    file("__MACOSX/._run.sumocfg"),
    file("sub/._x.sumocfg"),
    file("sub/.DS_Store"),
    file("Thumbs.db"),
    file("a b/c d.xml"),
    file("back\\slash.xml"),
    file("日本.xml", { flags: 0x800 }),
    file("bytes-é.xml"),
    file(cp437),
    file("empty/", { content: "" }),
    file("./dot.xml"),
  );
  const { id } = await ingest(scope, archive);
  const files = await listScenarioFiles(database.db, scope.tenantId, id);
  expect(files.map(({ path }) => path).toSorted()).toEqual(
    [
      "a b/c d.xml",
      "a.net.xml",
      "back/slash.xml",
      "bytes-é.xml",
      "dot.xml",
      "run.sumocfg",
      "Straße.x",
      "日本.xml",
    ].toSorted(),
  );
});

test("above the tenant's storage an archive is refused with the numbers, and nothing stays", async () => {
  const scope = await newTenant({ maxStorageMib: 1 });
  expect(await refusal(scope, zipWith({ name: "x", content: randomBytes(1_200_000) }))).toMatch(
    /^TOO_LARGE The scenario needs 1\.2 MiB more, but of your storage of 1 MiB, 0 MiB are used/,
  );
  expect(await filesOf(scope.tenantId)).toEqual([]);
  expect(await storedBytes(scope)).toBe(0);
});

test("the same and overlapping archives at once: one scenario each, each content once, bytes counted once", async () => {
  const scope = await newTenant();
  const shared = { name: "shared", content: randomBytes(200_000) };
  const archives = [zipWith(shared), zipWith(shared, file("1")), zipWith(shared, file("2"))];
  const scenarios = await Promise.all(
    [...archives, ...archives, ...archives].map((archive) => ingest(scope, archive)),
  );
  expect(new Set(scenarios.map(({ id }) => id)).size).toBe(3);
  const sizes =
    await database.sql`select sum(size_bytes)::int as sum, count(*)::int as n from blobs where tenant_id = ${scope.tenantId}`;
  expect(await storedBytes(scope)).toBe(sizes[0]?.["sum"]);
  expect(await filesOf(scope.tenantId)).toHaveLength(sizes[0]?.["n"]);
});

test("a released scenario takes its own contents with it and leaves those that another uses", async () => {
  const scope = await newTenant();
  const one = await ingest(scope, zipWith(file("only-one")));
  const two = await ingest(scope, zipWith());
  const keys = await database.db.transaction((tx) => releaseScenario(tx, scope.tenantId, one.id));
  await removeFreed({ database, store }, scope.tenantId, keys);
  expect(keys).toHaveLength(1);
  expect(await filesOf(scope.tenantId)).toHaveLength(2);
  const rest = await database.db.transaction((tx) => releaseScenario(tx, scope.tenantId, two.id));
  await removeFreed({ database, store }, scope.tenantId, rest);
  expect(await filesOf(scope.tenantId)).toEqual([]);
  expect(await storedBytes(scope)).toBe(0);
});

test("uploads while the same contents are being freed: whatever a scenario names is there", async () => {
  const scope = await newTenant();
  const archive = (n: number) =>
    zipWith(
      { name: "shared", content: "s".repeat(1_000) },
      file(`own-${n}`, { content: String(n) }),
    );
  const free = async (id: string) => {
    const keys = await database.db.transaction((tx) => releaseScenario(tx, scope.tenantId, id));
    await removeFreed({ database, store }, scope.tenantId, keys);
  };
  await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      const { id } = await ingest(scope, archive(n % 20));
      await free(id);
      await ingest(scope, archive(100 + n));
    }),
  );
  const named = await database.sql<
    { sha256: string }[]
  >`select distinct sha256 from scenario_files where tenant_id = ${scope.tenantId}`;
  for (const { sha256 } of named)
    expect(await store.stat(blobKey(scope.tenantId, sha256))).toBeDefined();
  const blobs = await database.sql`select 1 from blobs where tenant_id = ${scope.tenantId}`;
  expect(await filesOf(scope.tenantId)).toHaveLength(blobs.length);
});
