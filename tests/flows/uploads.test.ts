import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, apiClient } from "@/tests/support/api";
import { createTenantWithKey, type Portal, startPortal } from "@/tests/support/portal";
import { tinyScenario } from "@/tests/support/scenario";
import { makeZip } from "@/tests/support/zip";

const MIB = 2 ** 20;
let portal: Portal;
let key: string;
let api: ApiClient;

beforeAll(async () => {
  portal = await startPortal({ env: { MAX_UPLOAD_MIB: "600" } });
  key = await createTenantWithKey(portal, "uploader", { maxStorageMib: 4_096 });
  api = apiClient(portal.url, { key });
}, 300_000);
afterAll(() => portal?.stop());

type ScenarioBody = { scenario: string; sha256: string; size_bytes: number; kept: boolean };

async function archiveOf(sizeBytes: number): Promise<Buffer<ArrayBuffer>> {
  const files = Object.entries(await tinyScenario({ endSeconds: 10 }));
  const filler = { name: "filler.bin", content: randomBytes(sizeBytes), method: 0 };
  return Buffer.from(makeZip([...files.map(([name, content]) => ({ name, content })), filler]));
}
const sha256Of = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

async function inFlight(): Promise<string[]> {
  const scratch = join(portal.dataDir, "files/.scratch");
  const found = await readdir(scratch, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** Head and body of a problem; hangs up then. */
async function answerOf(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes("request_id")) break;
  }
  return text;
}

async function memoryMib(field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${portal.pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
}

test("an archive of 12 MB arrives whole in one call, and a job can refer to it", async () => {
  const archive = await archiveOf(12 * MIB);
  const query = { file_name: "twelve.zip" };
  const answer = await api.call("putScenario", { query, raw: archive });
  expect(answer.status).toBe(200);
  const body = answer.body as ScenarioBody;
  expect(body).toMatchObject({ size_bytes: archive.length, sha256: sha256Of(archive), kept: true });
  const job = await api.call("submitJob", {
    body: { scenario: body.scenario, scenario_id: "by reference", cpu_request: 1, memory_gi: 1 },
  });
  expect(job.status).toBe(201);
  const refused = await api.call("deleteScenario", { params: { scenario_id: body.scenario } });
  expect(refused.status).toBe(409);
});

test("an upload in parts goes on where it stood after the portal was killed", async () => {
  const archive = await archiveOf(3 * MIB);
  const created = await api.call("createUpload", {
    body: { file_name: "parts.zip", size_bytes: archive.length, sha256: sha256Of(archive) },
  });
  const params = { upload_id: (created.body as { upload_id: string }).upload_id };
  const send = (from: number, to?: number) =>
    api.call("patchUpload", {
      params,
      raw: archive.subarray(from, to),
      headers: { "upload-offset": String(from) },
    });
  expect((await send(0, 2 * MIB)).status).toBe(204);
  await portal.kill("SIGKILL");
  await portal.restart();
  const head = await api.call("headUpload", { params });
  expect(head.headers.get("upload-offset")).toBe(String(2 * MIB));
  expect(head.headers.get("upload-length")).toBe(String(archive.length));
  const wrong = await send(0, 100);
  expect([wrong.status, wrong.headers.get("upload-offset")]).toEqual([409, String(2 * MIB)]);
  expect((await send(2 * MIB)).status).toBe(204);
  const done = await api.call("completeUpload", { params });
  expect(done.body).toMatchObject({ sha256: sha256Of(archive), kept: true });
});

// Minutes at worst: where all tests run at once on two cores, 500 MB take their time.
test("memory grows by less than 100 MB for a file of 500 MB, and the file is whole", async () => {
  const archive = await archiveOf(500 * MIB);
  const before = await memoryMib("VmRSS");
  const answer = await api.call("putScenario", { raw: archive });
  expect(answer.body).toMatchObject({ sha256: sha256Of(archive) });
  const form = new FormData();
  for (const [name, value] of Object.entries({
    scenario_id: "big",
    cpu_request: "1",
    memory_gi: "1",
  }))
    form.set(name, value);
  form.set("sumo_files", new Blob([archive]), "big.zip");
  expect((await api.call("submitJob", { form })).status).toBe(201);
  const peak = await memoryMib("VmHWM");
  expect(peak - before).toBeLessThan(100);
  expect(await inFlight()).toEqual([]);
}, 300_000);

test("what is declared too large is refused before it was sent", async () => {
  const { hostname, port } = new URL(portal.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const head = [
    "PUT /api/scenarios HTTP/1.1",
    `Host: ${hostname}`,
    `Authorization: Bearer ${key}`,
    `Content-Length: ${700 * MIB}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\nPK`);
  const answer = await answerOf(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toMatch(/larger than 600 MiB/);
});

test("what turns out too large is refused while it still flows", async () => {
  const { hostname, port } = new URL(portal.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const head = [
    "PUT /api/scenarios HTTP/1.1",
    `Host: ${hostname}`,
    `Authorization: Bearer ${key}`,
    "Transfer-Encoding: chunked",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const answered = answerOf(socket);
  const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(MIB), Buffer.from("\r\n")]);
  for (let sent = 0; sent <= 601 && !socket.destroyed; sent += 1) {
    await new Promise<void>((resolve) => socket.write(chunk, () => resolve()));
  }
  expect(await answered).toMatch(/^HTTP\/1\.1 413 /);
  await expect.poll(inFlight).toEqual([]);
}, 300_000);

test("a sender that hangs up leaves nothing, and the portal goes on", async () => {
  const { hostname, port } = new URL(portal.url);
  for (const path of ["/api/scenarios", "/api/jobs"]) {
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    const head = [
      `${path.endsWith("jobs") ? "POST" : "PUT"} ${path} HTTP/1.1`,
      `Host: ${hostname}`,
      `Authorization: Bearer ${key}`,
      "Content-Type: multipart/form-data; boundary=B",
      `Content-Length: ${20 * MIB}`,
    ];
    const part =
      '--B\r\nContent-Disposition: form-data; name="sumo_files"; filename="x.zip"\r\n\r\nPK';
    socket.write(`${head.join("\r\n")}\r\n\r\n${part}`);
    socket.write(Buffer.alloc(5 * MIB));
    await expect.poll(async () => (await inFlight()).length).toBeGreaterThan(0);
    socket.resetAndDestroy();
    await expect.poll(inFlight).toEqual([]);
  }
  expect((await fetch(`${portal.url}/health`)).status).toBe(200);
  expect(portal.output()).not.toMatch(/unhandled|uncaught/i);
});
