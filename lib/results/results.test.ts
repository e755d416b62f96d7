import { createHash, randomBytes } from "node:crypto";
import { readdir, readlink, rm, writeFile } from "node:fs/promises";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { fromBufferPromise } from "yauzl";
import { attempts, jobs, resultFiles } from "@/lib/db/schema";
import type { Job } from "@/lib/db/schema/jobs";
import { archiveResponse, fileResponse } from "@/lib/http/file-response";
import { resultKey } from "@/lib/storage/keys";
import { eq, insertAttempt, openPortalParts, type PortalParts } from "@/tests/support/attempts";
import { getResult, zipResults } from "./download";
import { findPresentAttempt, listResultFiles } from "./store";
import { resultPathOf, toResultsView } from "./view";

let portal: PortalParts;
let server: Server;
let url: string;
beforeAll(async () => {
  portal = await openPortalParts();
  ({ server, url } = await serve());
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await portal.dispose();
});

const served = new Map<string, Job>();

/** The two downloads over real HTTP: what the route files do, without Next. */
async function serve() {
  const answer = async (request: Request, job: Job): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname.endsWith("/results.zip")) {
      return archiveResponse("all.zip", await zipResults(portal, job, searchParams.getAll("path")));
    }
    return fileResponse(request, await getResult(portal, job, resultPathOf(request.url)));
  };
  const take = async (incoming: IncomingMessage, response: ServerResponse) => {
    const target = `http://x${incoming.url}`;
    const headers = Object.entries(incoming.headers).map(([k, v]): [string, string] => [
      k,
      String(v),
    ]);
    const job = served.get(target.split("/")[5] ?? "");
    try {
      if (!job) throw new Error("no such job");
      const result = await answer(
        new Request(target, { method: incoming.method ?? "GET", headers }),
        job,
      );
      response.writeHead(result.status, Object.fromEntries(result.headers));
      if (result.body)
        await pipeline(Readable.fromWeb(result.body as never), response).catch(() => undefined);
      else response.end();
    } catch {
      response.writeHead(404).end();
    }
  };
  const made = createServer((incoming, response) => void take(incoming, response));
  await new Promise<void>((done) => made.listen(0, "127.0.0.1", done));
  const address = made.address();
  if (typeof address !== "object" || !address) throw new Error("no port");
  return { server: made, url: `http://127.0.0.1:${address.port}` };
}

const HOSTILE = [
  "plain.xml",
  'a "quoted" name.txt',
  "line\nbreak\r\nset-cookie: x.log",
  "üñí/日本 100%.csv",
  "a#b?c&d;e.html",
  "back\\..\\..\\slash.txt",
  "C:/x.txt",
  "..dots../...txt",
  "%2e%2e/%2F.xml",
];

async function jobWithFiles(files: Readonly<Record<string, Buffer>>): Promise<Job> {
  const { job } = await insertAttempt(portal);
  const { db } = portal.database;
  for (const [path, content] of Object.entries(files)) {
    await portal.store.put(resultKey(job.tenantId, job.id, 1, path), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    await db.insert(resultFiles).values({
      jobId: job.id,
      attempt: 1,
      path,
      sizeBytes: content.length,
      sha256,
      kind: "other",
    });
  }
  await db
    .update(attempts)
    .set({ finishedAt: new Date(), manifestComplete: true })
    .where(eq(attempts.jobId, job.id));
  await db.update(jobs).set({ state: "FAILED" }).where(eq(jobs.id, job.id));
  served.set(job.id, job);
  return job;
}

async function viewOf(job: Job) {
  const { db } = portal.database;
  return toResultsView(
    { ...job, state: "FAILED" },
    await findPresentAttempt(db, job),
    await listResultFiles(db, job),
  );
}

test("each file of a failed job comes whole from its own address, whatever its name, and does nothing in a browser", async () => {
  const files = Object.fromEntries(
    HOSTILE.map((path) => [path, Buffer.from(`content of ${path}`)]),
  );
  const job = await jobWithFiles(files);
  const view = await viewOf(job);
  expect(view.complete).toBe(true);
  expect(view.files.map(({ path }) => path).toSorted()).toEqual(HOSTILE.toSorted());
  for (const file of view.files) {
    const response = await fetch(url + file.url);
    expect(await response.text()).toBe(`content of ${file.path}`);
    expect(response.headers.get("etag")).toBe(`"${file.sha256}"`);
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toMatch(/^sandbox;/);
    expect(response.headers.get("content-type")).not.toMatch(/html|svg|script/);
    expect(response.headers.get("set-cookie")).toBeNull();
  }
});

test("addresses that are no file of the job find nothing", async () => {
  const job = await jobWithFiles({ "a/b.xml": Buffer.from("x") });
  await writeFile(join(portal.env.SUMO_K8_DATA_DIR, "secret"), "secret");
  const results = `/api/jobs/${job.id}/results`;
  const hostile = [
    "../../../../secret",
    "..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fsecret",
    "%2e%2e/%2e%2e/secret",
    "%2Fetc%2Fpasswd",
    "a%2F..%2Fa%2Fb.xml",
    "a//b.xml",
    "a/b.xml%00",
    "a/b.xml/",
    "A/b.xml",
    "%ff",
    "%",
  ];
  for (const path of hostile) {
    expect([path, await rawStatus(`${results}/${path}`)]).toEqual([path, 404]);
  }
  expect(await rawStatus(`${results}/a%2Fb.xml`)).toBe(200);
});

test("parts, conditions and HEAD answer as HTTP says", async () => {
  const content = randomBytes(100_000);
  const job = await jobWithFiles({ "a.bin": content, "empty.txt": Buffer.alloc(0) });
  const [file] = (await viewOf(job)).files;
  const address = `${url}${file?.url}`;
  const part = await fetch(address, { headers: { range: "bytes=90000-" } });
  expect([part.status, part.headers.get("content-range")]).toEqual([
    206,
    "bytes 90000-99999/100000",
  ]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(content.subarray(90_000));
  const beyond = await fetch(address, { headers: { range: "bytes=100000-" } });
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */100000"]);
  const known = await fetch(address, { headers: { "if-none-match": `"${file?.sha256}"` } });
  expect([known.status, await known.text()]).toEqual([304, ""]);
  const head = await fetch(address, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "100000"]);
  const empty = await fetch(`${url}/api/jobs/${job.id}/results/empty.txt`);
  expect([empty.status, await empty.text()]).toEqual([200, ""]);
});

test("the archive of all results, or of some, unpacks to what they are, with names that no system mistakes", async () => {
  const files = Object.fromEntries(HOSTILE.map((path) => [path, randomBytes(5_000)]));
  const job = await jobWithFiles({
    ...files,
    "packed.xml.gz": randomBytes(300_000),
    "empty.txt": Buffer.alloc(0),
  });
  const all = await unzip(await fetchBytes(`${url}/api/jobs/${job.id}/results.zip`));
  expect(all.size).toBe(HOSTILE.length + 2);
  expect(all.get("üñí/日本 100%.csv")).toEqual(files["üñí/日本 100%.csv"]);
  expect(all.get("back_.._.._slash.txt")).toEqual(files["back\\..\\..\\slash.txt"]);
  expect(all.get("C_/x.txt")).toEqual(files["C:/x.txt"]);
  expect(all.get("line_break__set-cookie_ x.log")).toEqual(
    files["line\nbreak\r\nset-cookie: x.log"],
  );
  const some = await fetchBytes(
    `${url}/api/jobs/${job.id}/results.zip?path=plain.xml&path=${encodeURIComponent("üñí/")}`,
  );
  expect([...(await unzip(some)).keys()]).toEqual(["plain.xml", "üñí/日本 100%.csv"]);
  expect((await fetch(`${url}/api/jobs/${job.id}/results.zip?path=other`)).status).toBe(404);
});

test("a client that leaves in the middle of a download leaves no open file behind", async () => {
  const job = await jobWithFiles({
    "a.bin": randomBytes(30_000_000),
    "b.bin": randomBytes(30_000_000),
  });
  for (const path of ["results/a.bin", "results.zip"]) {
    await abortMidway(`${url}/api/jobs/${job.id}/${path}`);
    await vi.waitFor(async () => expect(await openResults()).toEqual([]), 5_000);
  }
});

test("an archive whose file cannot be read breaks off rather than look whole", async () => {
  const job = await jobWithFiles({ "a.bin": randomBytes(1_000), "b.bin": randomBytes(1_000) });
  await rm(join(portal.env.SUMO_K8_DATA_DIR, "files", resultKey(job.tenantId, job.id, 1, "b.bin")));
  await expect(fetchBytes(`${url}/api/jobs/${job.id}/results.zip`)).rejects.toThrow("terminated");
});

async function fetchBytes(address: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(address)).arrayBuffer());
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true });
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    files.set(entry.fileName, await bytesOf(await zip.openReadStreamPromise(entry)));
  }
  return files;
}

/** Without a client that tidies the path. */
function rawStatus(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(url, { path }, (response) => resolve(response.resume().statusCode));
    call.on("error", reject).end();
  });
}

function abortMidway(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(address, (response) => {
      response.once("data", () => {
        call.destroy();
        resolve();
      });
    });
    call.on("error", reject).end();
  });
}

/** Results that this process has open: https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html */
async function openResults(): Promise<string[]> {
  const links = await Promise.all(
    (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
  );
  return links.filter((link) => link.includes("/results/"));
}
