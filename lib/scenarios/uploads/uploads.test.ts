import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TenantScope } from "@/lib/domain/tenant";
import { deleteScenario } from "@/lib/scenarios/delete";
import { expireUploads } from "@/lib/scenarios/expire-uploads";
import { listScenariosPage } from "@/lib/scenarios/list";
import { receiveScenario, receiveUploadContent } from "@/lib/scenarios/receive";
import { getScenario } from "@/lib/scenarios/store";
import { FileArtifactStore } from "@/lib/storage/file-store";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { insertTenant } from "@/tests/support/tenant";
import { makeZip } from "@/tests/support/zip";
import { completeFromParts } from "./complete";
import { createUpload } from "./create";
import { getUploadOffset, receivePart } from "./receive-part";

let database: TestDatabase;
let dir: string;
let deps: { database: TestDatabase; store: FileArtifactStore; env: never };
let tenants = 0;

beforeAll(async () => {
  database = await openTestDatabase();
  dir = await mkdtemp(join(tmpdir(), "sumo-k8-uploads-"));
  deps = { database, store: new FileArtifactStore(dir), env: { MAX_UPLOAD_MIB: 10 } as never };
});
afterAll(async () => {
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

const MAX_BYTES = 10 * 2 ** 20;
const newTenant = (limits = {}) => insertTenant(database, `tenant-${++tenants}`, limits);
const request = (
  body: Uint8Array | string | ReadableStream,
  headers: Record<string, string> = {},
) =>
  new Request("http://x/", {
    method: "PATCH",
    body,
    headers,
    duplex: "half",
  } as unknown as RequestInit);
const sha256Of = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

function archiveOf(seed: string | Uint8Array): Buffer {
  const config = '<configuration><net-file value="a.net.xml"/></configuration>';
  return makeZip([
    { name: "run.sumocfg", content: config },
    { name: "a.net.xml", content: "<net/>" },
    { name: "seed", content: seed, method: 0 },
  ]);
}

async function begin(scope: TenantScope, archive: Uint8Array, sha256: string | null = null) {
  const wish = { fileName: "town.zip", sizeBytes: archive.length, sha256 };
  return (await createUpload(database, scope, wish, MAX_BYTES)).id;
}

async function filesOf({ tenantId }: TenantScope): Promise<string[]> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return paths.filter((path) => path.includes(`/${tenantId}/`) || path.includes(".scratch"));
}

test("an upload in parts goes on where it stood, and becomes a scenario that stays", async () => {
  const scope = await newTenant();
  const archive = archiveOf(randomBytes(100_000));
  const id = await begin(scope, archive, sha256Of(archive));
  expect(await receivePart(deps, scope, id, 0, request(archive.subarray(0, 40_000)))).toEqual({
    offset: 40_000,
  });
  await expect(completeFromParts(deps, scope, id)).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringMatching(/Only 40000 of/),
  });
  const wrong = await receivePart(deps, scope, id, 10, request("x"));
  expect(wrong).toMatchObject({
    offset: 40_000,
    refusal: { code: "CONFLICT", message: expect.stringMatching(/Go on at Upload-Offset 40000/) },
  });
  expect((await getUploadOffset(deps, scope, id)).offset).toBe(40_000);
  await receivePart(deps, scope, id, 40_000, request(archive.subarray(40_000)));
  const scenario = await completeFromParts(deps, scope, id);
  expect(scenario).toMatchObject({
    kept: true,
    fileName: "town.zip",
    archiveSha256: sha256Of(archive),
  });
  expect((await completeFromParts(deps, scope, id)).id).toBe(scenario.id);
  expect(await filesOf(scope)).toHaveLength(3);
});

test("of a part that breaks off, what arrived is kept", async () => {
  const scope = await newTenant();
  const archive = archiveOf(randomBytes(50_000));
  const id = await begin(scope, archive);
  const chunks = [archive.subarray(0, 20_000)];
  const broken = new ReadableStream({
    pull: (controller) =>
      chunks.length > 0 ? controller.enqueue(chunks.pop()) : controller.error(new Error("gone")),
  });
  expect(await receivePart(deps, scope, id, 0, request(broken))).toMatchObject({
    offset: 20_000,
    refusal: { code: "BAD_REQUEST" },
  });
  await receivePart(deps, scope, id, 20_000, request(archive.subarray(20_000)));
  expect((await completeFromParts(deps, scope, id)).fileCount).toBe(3);
});

test("of the same part sent many times at once, one is taken", async () => {
  const scope = await newTenant();
  const archive = archiveOf(randomBytes(30_000));
  const id = await begin(scope, archive);
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, () => receivePart(deps, scope, id, 0, request(archive))),
  );
  expect(outcomes.filter(({ refusal }) => !refusal)).toHaveLength(1);
  expect(outcomes.every(({ offset }) => offset === archive.length)).toBe(true);
  const [first, second] = await Promise.all([
    completeFromParts(deps, scope, id),
    completeFromParts(deps, scope, id),
  ]);
  expect(first.id).toBe(second.id);
});

test("more than declared, too large, or above the storage is refused", async () => {
  const scope = await newTenant({ maxStorageMib: 2 });
  const id = await begin(scope, Buffer.alloc(100));
  expect(await receivePart(deps, scope, id, 0, request(Buffer.alloc(101)))).toMatchObject({
    refusal: { code: "BAD_REQUEST" },
  });
  await expect(begin(scope, Buffer.alloc(MAX_BYTES + 1))).rejects.toMatchObject({
    code: "TOO_LARGE",
    message: expect.stringMatching(/larger than 10 MiB/),
  });
  await begin(scope, Buffer.alloc(1_500_000));
  await expect(begin(scope, Buffer.alloc(1_000_000))).rejects.toMatchObject({
    code: "TOO_LARGE",
    message: expect.stringMatching(/of your storage of 2 MiB/),
  });
});

test("a wrong hash or archive is refused, and the upload goes with all its bytes", async () => {
  const scope = await newTenant();
  const archive = archiveOf("1");
  for (const [content, sha256, message] of [
    [archive, "0".repeat(64), /not the declared 0000/],
    [Buffer.from("no zip"), null, /is no zip archive/],
  ] as const) {
    const id = await begin(scope, content, sha256);
    await receivePart(deps, scope, id, 0, request(content));
    await expect(completeFromParts(deps, scope, id)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(message),
    });
    await expect(getUploadOffset(deps, scope, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  }
  expect(await filesOf(scope)).toEqual([]);
});

test("a whole file in one call, for an upload or by itself", async () => {
  const scope = await newTenant();
  const [one, two] = [archiveOf("one"), archiveOf("two")];
  const id = await begin(scope, one);
  await expect(
    receiveUploadContent(deps, scope, id, request(one.subarray(1))),
  ).rejects.toMatchObject({ code: "BAD_REQUEST" });
  expect((await receiveUploadContent(deps, scope, id, request(one))).kept).toBe(true);
  const scenario = await receiveScenario(deps, scope, request(two), "two.zip");
  expect(scenario).toMatchObject({ kept: true, fileName: "two.zip" });
  const cut = request(two, { "content-length": String(two.length + 5) });
  await expect(receiveScenario(deps, scope, cut, "two.zip")).rejects.toMatchObject({
    code: "BAD_REQUEST",
    message: expect.stringMatching(/Only \d+ of \d+ bytes/),
  });
  expect((await filesOf(scope)).filter((path) => path.includes(".scratch"))).toEqual([]);
});

test("uploads that nobody touched for a day are removed, others stay", async () => {
  const scope = await newTenant();
  const [old, fresh] = [await begin(scope, Buffer.alloc(10)), await begin(scope, Buffer.alloc(10))];
  for (const id of [old, fresh]) await receivePart(deps, scope, id, 0, request("12345"));
  await database.sql`update uploads set touched_at = now() - interval '25 hours' where id = ${old}`;
  await expireUploads(deps, new Date());
  await expect(getUploadOffset(deps, scope, old)).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await getUploadOffset(deps, scope, fresh)).offset).toBe(5);
  expect(await filesOf(scope)).toHaveLength(1);
});

test("another tenant's upload or scenario is as one that does not exist", async () => {
  const [scope, other] = [await newTenant(), await newTenant()];
  const id = await begin(scope, archiveOf("x"));
  const { id: scenario } = await receiveScenario(deps, scope, request(archiveOf("x")), "x.zip");
  const missing = { code: "NOT_FOUND" };
  for (const name of [id, "no-uuid"]) {
    await expect(getUploadOffset(deps, other, name)).rejects.toMatchObject({
      ...missing,
      message: "Upload not found.",
    });
    await expect(receivePart(deps, other, name, 0, request("x"))).rejects.toMatchObject(missing);
    await expect(completeFromParts(deps, other, name)).rejects.toMatchObject(missing);
    await expect(receiveUploadContent(deps, other, name, request("x"))).rejects.toMatchObject(
      missing,
    );
  }
  for (const name of [scenario, "no-uuid"]) {
    await expect(getScenario(database.db, other, name)).rejects.toMatchObject({
      ...missing,
      message: "Scenario not found.",
    });
    await expect(deleteScenario(deps, other, name)).rejects.toMatchObject(missing);
  }
  expect((await listScenariosPage(database.db, other, { limit: 10 })).scenarios).toEqual([]);
});

test("scenarios are listed by pages, newest first, and deleting one frees its bytes", async () => {
  const scope = await newTenant();
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1)
    ids.unshift((await receiveScenario(deps, scope, request(archiveOf(`n${n}`)), "n.zip")).id);
  const first = await listScenariosPage(database.db, scope, { limit: 3 });
  const second = await listScenariosPage(database.db, scope, {
    limit: 3,
    cursor: first.next_cursor ?? undefined,
  });
  expect([...first.scenarios, ...second.scenarios].map(({ scenario }) => scenario)).toEqual(ids);
  expect(second.next_cursor).toBeNull();
  for (const id of ids) await deleteScenario(deps, scope, id);
  expect(await filesOf(scope)).toEqual([]);
  const [row] =
    await database.sql`select stored_bytes::int as bytes from tenants where id = ${scope.tenantId}`;
  expect(row?.bytes).toBe(0);
});

test("a scenario that a job uses cannot be deleted, and stays kept", async () => {
  const scope = await newTenant();
  const { id } = await receiveScenario(deps, scope, request(archiveOf("used")), "n.zip");
  await database.sql`insert into jobs (id, tenant_id, scenario_id, name, submitted_by, config_file, cpu, memory_mib, time_limit_seconds, seed, inputs)
    values (gen_random_uuid(), ${scope.tenantId}, ${id}, 'x', 'key:x', 'run.sumocfg', 1, 1024, 60, 1, '[]')`;
  await expect(deleteScenario(deps, scope, id)).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringMatching(/A job uses this scenario/),
  });
  expect((await getScenario(database.db, scope, id)).kept).toBe(true);
});
