import { createHash, randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blobKey } from "@/lib/storage/keys";
import { type Intake, openIntake, part, zipWith } from "@/tests/support/intake";
import { removeFreed } from "./free";
import { ingestArchive } from "./ingest";
import { getScenario, listScenarioFiles, releaseScenario } from "./store";

let intake: Intake;
beforeAll(async () => {
  intake = await openIntake();
});
afterAll(() => intake.close());

test("an archive becomes a scenario whose files are stored by content, once each", async () => {
  const scope = await intake.newTenant();
  const big = randomBytes(3_000_000);
  const scenario = await intake.ingest(
    scope,
    zipWith({ name: "in/b.xml", content: "<net/>" }, { name: "big.bin", content: big }),
  );
  expect(scenario).toMatchObject({ fileCount: 4, kept: false });
  expect(await getScenario(intake.database.db, scope, scenario.id)).toEqual(scenario);
  expect(scenario.configs).toEqual([{ path: "run.sumocfg", inputs: ["a.net.xml"], faults: [] }]);
  const files = await listScenarioFiles(intake.database.db, scope.tenantId, scenario.id);
  expect(files.map(({ path }) => path)).toEqual([
    "a.net.xml",
    "big.bin",
    "in/b.xml",
    "run.sumocfg",
  ]);
  const [net, blob] = files;
  expect(
    (await buffer(await intake.store.open(blobKey(scope.tenantId, net?.sha256 ?? "")))).toString(),
  ).toBe("<net/>");
  expect(
    await buffer(await intake.store.open(blobKey(scope.tenantId, blob?.sha256 ?? ""))),
  ).toEqual(big);
  expect(await intake.filesOf(scope)).toHaveLength(3);
  expect(await intake.storedBytes(scope)).toBe(big.length + 6 + 60);
});

test("the same archive again is the same scenario; another tenant gets its own", async () => {
  const [scope, other] = [await intake.newTenant(), await intake.newTenant()];
  const first = await intake.ingest(scope, zipWith());
  expect(await intake.ingest(scope, zipWith())).toEqual(first);
  expect((await intake.ingest(scope, zipWith(), { kept: true })).kept).toBe(true);
  expect((await getScenario(intake.database.db, scope, first.id)).kept).toBe(true);
  const theirs = await intake.ingest(other, zipWith());
  expect(theirs.id).not.toBe(first.id);
  await expect(getScenario(intake.database.db, other, first.id)).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("an archive that is there already is not even opened", async () => {
  const scope = await intake.newTenant();
  const archive = zipWith();
  const { id } = await intake.ingest(scope, archive);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const received = { path: "/nonexistent", fileName: "a.zip", sizeBytes: archive.length, sha256 };
  expect((await ingestArchive(intake, scope, received, { kept: false })).id).toBe(id);
});
test("what systems leave in archives is left out, and names in any encoding are kept", async () => {
  const scope = await intake.newTenant();
  const cp437 = Buffer.from([0x53, 0x74, 0x72, 0x61, 0xe1, 0x65, 0x2e, 0x78]); // Straße.x
  const archive = zipWith(
    part("__MACOSX/._run.sumocfg"),
    part("sub/._x.sumocfg"),
    part("sub/.DS_Store"),
    part("Thumbs.db"),
    part("a b/c d.xml"),
    part("back\\slash.xml"),
    part("日本.xml", { flags: 0x800 }),
    part("bytes-é.xml"),
    part(cp437),
    part("empty/", { content: "" }),
    part("./dot.xml"),
  );
  const { id } = await intake.ingest(scope, archive);
  const files = await listScenarioFiles(intake.database.db, scope.tenantId, id);
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
  const scope = await intake.newTenant({ maxStorageMib: 1 });
  expect(
    await intake.refusal(scope, zipWith({ name: "x", content: randomBytes(1_200_000) })),
  ).toMatch(
    /^TOO_LARGE The scenario needs 1\.2 MiB more, but of your storage of 1 MiB, 0 MiB are used/,
  );
  expect(await intake.filesOf(scope)).toEqual([]);
  expect(await intake.storedBytes(scope)).toBe(0);
});
test("the same and overlapping archives at once: one scenario each, each content once, bytes counted once", async () => {
  const scope = await intake.newTenant();
  const shared = { name: "shared", content: randomBytes(200_000) };
  const archives = [zipWith(shared), zipWith(shared, part("1")), zipWith(shared, part("2"))];
  const scenarios = await Promise.all(
    [...archives, ...archives, ...archives].map((archive) => intake.ingest(scope, archive)),
  );
  expect(new Set(scenarios.map(({ id }) => id)).size).toBe(3);
  const sizes = await intake.database
    .sql`select sum(size_bytes)::int as sum, count(*)::int as n from blobs where tenant_id = ${scope.tenantId}`;
  expect(await intake.storedBytes(scope)).toBe(sizes[0]?.sum);
  expect(await intake.filesOf(scope)).toHaveLength(sizes[0]?.n);
});

test("a released scenario takes its own contents with it and leaves those that another uses", async () => {
  const scope = await intake.newTenant();
  const one = await intake.ingest(scope, zipWith(part("only-one")));
  const two = await intake.ingest(scope, zipWith());
  const keys = await intake.database.db.transaction((tx) =>
    releaseScenario(tx, scope.tenantId, one.id),
  );
  await removeFreed(intake, scope.tenantId, keys);
  expect(keys).toHaveLength(1);
  expect(await intake.filesOf(scope)).toHaveLength(2);
  const rest = await intake.database.db.transaction((tx) =>
    releaseScenario(tx, scope.tenantId, two.id),
  );
  await removeFreed(intake, scope.tenantId, rest);
  expect(await intake.filesOf(scope)).toEqual([]);
  expect(await intake.storedBytes(scope)).toBe(0);
});

test("uploads while the same contents are being freed: whatever a scenario names is there", async () => {
  const scope = await intake.newTenant();
  const archive = (n: number) =>
    zipWith(
      { name: "shared", content: "s".repeat(1_000) },
      part(`own-${n}`, { content: String(n) }),
    );
  const free = async (id: string) => {
    const keys = await intake.database.db.transaction((tx) =>
      releaseScenario(tx, scope.tenantId, id),
    );
    await removeFreed(intake, scope.tenantId, keys);
  };
  await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      const { id } = await intake.ingest(scope, archive(n % 20));
      await free(id);
      await intake.ingest(scope, archive(100 + n));
    }),
  );
  const named = await intake.database.sql<
    { sha256: string }[]
  >`select distinct sha256 from scenario_files where tenant_id = ${scope.tenantId}`;
  for (const { sha256 } of named)
    expect(await intake.store.stat(blobKey(scope.tenantId, sha256))).toBeDefined();
  const blobs = await intake.database.sql`select 1 from blobs where tenant_id = ${scope.tenantId}`;
  expect(await intake.filesOf(scope)).toHaveLength(blobs.length);
});
