import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAppError } from "@/lib/domain/errors";
import { FileArtifactStore } from "@/lib/storage/file-store";
import { receiveMultipart } from "./multipart";
import { receiveRaw } from "./receive-body";

let dir: string;
let store: FileArtifactStore;
let server: Server;
let url: string;
const settled: Promise<unknown>[] = [];
const unhandled: unknown[] = [];
const note = (error: unknown) => unhandled.push(error);

/** Over real HTTP: the body comes as the web stream that Next makes of a request. */
beforeAll(async () => {
  process.on("unhandledRejection", note);
  dir = await mkdtemp(join(tmpdir(), "sumo-k8-multipart-"));
  store = new FileArtifactStore(dir);
  server = createServer((incoming, response) => {
    const work = answer(incoming).then(
      (body) => response.end(JSON.stringify(body)),
      (error: unknown) =>
        response.end(
          isAppError(error) ? `${error.code} ${error.message}` : `UNKNOWN ${String(error)}`,
        ),
    );
    settled.push(work);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  process.off("unhandledRejection", note);
  await rm(dir, { recursive: true, force: true });
});

async function answer(incoming: IncomingMessage): Promise<object> {
  const options = { store, maxBytes: 1_000_000, fileField: "sumo_files" };
  const request = new Request(`http://x${incoming.url}`, {
    method: "POST",
    headers: incoming.headers as Record<string, string>,
    body: Readable.toWeb(incoming) as ReadableStream,
    duplex: "half",
  } as RequestInit);
  if (incoming.url === "/raw") {
    const body = await receiveRaw(request, options);
    const content = (await readFile(body.path)).length;
    await body.discard();
    return { sizeBytes: body.sizeBytes, sha256: body.sha256, content };
  }
  const form = await receiveMultipart(request, options);
  const { fields, file } = form;
  const content = file
    ? createHash("sha256")
        .update(await readFile(file.path))
        .digest("hex")
    : undefined;
  await form.discard();
  return {
    fields,
    content,
    ...(file && { fileName: file.fileName, sizeBytes: file.sizeBytes, sha256: file.sha256 }),
  };
}

async function leftovers(): Promise<string[]> {
  await Promise.all(settled);
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function form(parts: Record<string, string | Blob>, fileName = "scenario.zip"): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === "string") data.append(name, value);
    else data.append(name, value, fileName);
  }
  return data;
}
const post = async (body: BodyInit, headers: Record<string, string> = {}, path = "/") =>
  (await fetch(url + path, { method: "POST", body, headers })).text();

test("fields and file arrive whole, the file hashed, and discard leaves nothing", async () => {
  const content = randomBytes(900_000);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const answer = await post(
    form(
      { scenario_id: "Straße 1", sumo_files: new Blob([content]), cpu_request: "2" },
      "C:\\a\\mein Netz.zip",
    ),
  );
  expect(JSON.parse(answer)).toEqual({
    fields: { scenario_id: "Straße 1", cpu_request: "2" },
    content: sha256,
    fileName: "mein Netz.zip",
    sizeBytes: 900_000,
    sha256,
  });
  expect(await leftovers()).toEqual([]);
});

test("a form without a file is fields only", async () => {
  expect(JSON.parse(await post(form({ a: "1" })))).toEqual({ fields: { a: "1" } });
});

const twoFiles = form({ sumo_files: new Blob(["x"]) });
twoFiles.append("sumo_files", new Blob(["y"]), "y.zip");
const twice = form({ a: "1" });
twice.append("a", "2");
const B = { "content-type": "multipart/form-data; boundary=B" };
const part = (head: string, body: string) =>
  `--B\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}`;

test.each<[string, BodyInit, Record<string, string>, RegExp]>([
  [
    "a file above the limit",
    form({ sumo_files: new Blob([Buffer.alloc(1_000_001)]) }),
    {},
    /^TOO_LARGE The upload is larger than 1000000 bytes/,
  ],
  ["one far above it, before it came", Buffer.alloc(20_000_000), B, /^TOO_LARGE/],
  ["a second file", twoFiles, {}, /^INVALID_INPUT sumo_files: send one file only/],
  [
    "a file in another field",
    form({ other: new Blob(["x"]) }),
    {},
    /^INVALID_INPUT other: is a file, but the file belongs into sumo_files/,
  ],
  ["a field twice", twice, {}, /^INVALID_INPUT a: is given twice/],
  [
    "a field of 200 kB",
    form({ a: "x".repeat(200_000) }),
    {},
    /^INVALID_INPUT a: has more than 128 KiB/,
  ],
  [
    "101 fields",
    form(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`f${n}`, "x"]))),
    {},
    /^INVALID_INPUT body: more than 100 fields/,
  ],
  ["JSON", "{}", { "content-type": "application/json" }, /^UNSUPPORTED_MEDIA_TYPE/],
  ["no boundary", "x", { "content-type": "multipart/form-data" }, /^BAD_REQUEST.*boundary/],
  ["no form in it", "hello", B, /^BAD_REQUEST The form is broken/],
  ["an empty body", "", B, /^BAD_REQUEST The form is broken/],
  ["cut in a field", part('name="a"', "1"), B, /^BAD_REQUEST The form is broken/],
  [
    "cut in the file",
    part('name="sumo_files"; filename="x.zip"', "PK"),
    B,
    /^BAD_REQUEST The form is broken/,
  ],
  ["cut between parts", `${part('name="a"', "1")}\r\n`, B, /^BAD_REQUEST The form is broken/],
])("refused in words, with nothing left behind: %s", async (_, body, headers, sentence) => {
  expect(await post(body, headers)).toMatch(sentence);
  expect(await leftovers()).toEqual([]);
});

test("a sender that hangs up leaves neither a file nor an unhandled rejection", async () => {
  const { port } = server.address() as AddressInfo;
  const before = settled.length;
  for (const path of ["/", "/raw"]) {
    for (const sent of [
      part('name="sumo_files"; filename="x.zip"', "PK".repeat(50_000)),
      part('name="a"', "1"),
      "--B\r\nCon",
    ]) {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${B["content-type"]}\r\nContent-Length: 900000\r\n\r\n${sent}`,
      );
      const arrived = settled.length;
      await expect.poll(() => settled.length, { interval: 5 }).toBeGreaterThan(arrived - 1);
      socket.resetAndDestroy();
    }
  }
  await expect.poll(() => settled.length).toBe(before + 6);
  expect(await leftovers()).toEqual([]);
  expect(unhandled).toEqual([]);
});

test("a raw body arrives whole, within the limit", async () => {
  expect(JSON.parse(await post(Buffer.alloc(5_000), {}, "/raw"))).toMatchObject({
    sizeBytes: 5_000,
    content: 5_000,
  });
  expect(await post(Buffer.alloc(1_000_001), {}, "/raw")).toMatch(/^TOO_LARGE/);
  const chunks = Array.from({ length: 500 }, () => Buffer.alloc(65_536));
  const long = Readable.toWeb(Readable.from(chunks)) as ReadableStream;
  const init = { method: "POST", body: long, duplex: "half" } as RequestInit;
  expect(await (await fetch(`${url}/raw`, init)).text()).toMatch(/^TOO_LARGE/);
  expect(await leftovers()).toEqual([]);
});
