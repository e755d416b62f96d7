import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { submitArchive } from "@/scripts/portal-api";
import { FIELDS, multipart, waitForJob } from "./jobs";
import { atMost, type Bench, note, type Row } from "./part";
import type { Portal } from "./portal";
import { memoryMib } from "./process-stats";
import { readZip } from "./zips";

const MIB = 1024 * 1024;
const SIZE_MIB = 500;
const SAMPLE_MS = 50;

/** One submission with a 500 MB archive: how long, and how far the portal's memory grows. */
export async function upload(bench: Bench): Promise<readonly Row[]> {
  const portal = await bench.portal();
  const key = await portal.tenant("bench");
  const first = await submitArchive(portal.url, key, "examples/collisions.zip", FIELDS);
  await waitForJob(portal, key, first.job_id);
  const file = join(bench.dir, "large.zip");
  bench.say(`making an archive of ${SIZE_MIB} MB`);
  await makeLargeZip(file);
  const before = await memoryMib(portal.pid());
  let peak = before;
  const timer = setInterval(() => {
    memoryMib(portal.pid()).then(
      (value) => {
        peak = Math.max(peak, value);
      },
      () => undefined,
    );
  }, SAMPLE_MS);
  const begun = performance.now();
  const status = await send(portal, key, file).finally(() => clearInterval(timer));
  const seconds = (performance.now() - begun) / 1_000;
  if (status !== 201) throw new Error(`The upload was answered with ${status}.`);
  return [
    note("upload of 500 MB, unpacked, checked and queued", seconds, " s"),
    note("upload: rate", SIZE_MIB / seconds, " MB/s"),
    atMost("upload: growth of the portal's memory", peak - before, 100, " MB"),
  ];
}

async function makeLargeZip(file: string): Promise<void> {
  const zip = new ZipFile();
  for (const { path, bytes } of await readZip(await readFile("examples/collisions.zip"))) {
    zip.addBuffer(bytes, path);
  }
  const part = randomBytes(MIB);
  const noise = Readable.from(
    (function* pieces() {
      for (let n = 0; n < SIZE_MIB; n += 1) {
        part.writeUInt32LE(n);
        yield Buffer.from(part);
      }
    })(),
  );
  zip.addReadStream(noise, "floating-car-data.bin", { compress: false });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
}

async function send({ url }: Portal, key: string, file: string): Promise<number> {
  const { size } = await stat(file);
  const { head, tail, contentType } = multipart(Buffer.alloc(0), FIELDS);
  const headers = {
    authorization: `Bearer ${key}`,
    "content-type": contentType,
    "content-length": head.length + size + tail.length,
  };
  return new Promise((done, failed) => {
    const sent = request(`${url}/api/jobs`, { method: "POST", headers }, (response) => {
      response.resume();
      response.once("end", () => done(response.statusCode ?? 0));
    });
    sent.once("error", failed);
    const body = async function* body() {
      yield head;
      yield* createReadStream(file, { highWaterMark: MIB });
      yield tail;
    };
    pipeline(Readable.from(body()), sent).catch(failed);
  });
}
