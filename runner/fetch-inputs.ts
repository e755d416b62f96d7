import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RunnerSpec } from "@/lib/domain/runner-protocol";
import type { AttemptPaths } from "./attempt-paths";
import type { PortalClient } from "./portal-client";
import { RunFailure } from "./run-failure";
import { enterPhase, type InputFile, readJson, writeJson } from "./spool-files";

const AT_ONCE = 4;
const TRIES = 5;

type Input = RunnerSpec["inputs"][number];

/** Brings the inputs into the folder SUMO runs in, each checked by its hash. Does nothing when they are there. */
export async function fetchInputs(paths: AttemptPaths, client: PortalClient): Promise<RunnerSpec> {
  await mkdir(paths.work, { recursive: true });
  enterPhase(paths, "DownloadingInputs");
  const spec = readJson(paths.spec, RunnerSpec) ?? (await client.spec());
  writeJson(paths.spec, spec);
  if (existsSync(paths.inputs)) return spec;
  const queue = sameContent(spec.inputs);
  const files: InputFile[] = [];
  const worker = async () => {
    for (let same = queue.pop(); same; same = queue.pop())
      files.push(...(await fetchOnce(paths, client, same)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  writeJson(paths.inputs, files);
  return spec;
}

function sameContent(inputs: readonly Input[]): Input[][] {
  const bySha = new Map<string, Input[]>();
  for (const input of inputs) bySha.set(input.sha256, [...(bySha.get(input.sha256) ?? []), input]);
  return [...bySha.values()];
}

/** Files of the same content come once over the wire. */
async function fetchOnce(
  paths: AttemptPaths,
  client: PortalClient,
  same: readonly Input[],
): Promise<InputFile[]> {
  const [first, ...others] = same;
  if (!first) return [];
  const target = join(paths.work, first.path);
  if (!target.startsWith(`${paths.work}/`)) throw new Error(`The input ${first.path} is outside.`);
  await mkdir(dirname(target), { recursive: true });
  await download(paths, client, first, target);
  for (const { path } of others) {
    await mkdir(dirname(join(paths.work, path)), { recursive: true });
    await copyFile(target, join(paths.work, path));
  }
  return Promise.all(same.map((input) => toInputFile(paths, input)));
}

async function download(
  paths: AttemptPaths,
  client: PortalClient,
  input: Input,
  target: string,
): Promise<void> {
  const draft = join(paths.spool, `${input.sha256}.part`);
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const body = await client.blob(input.sha256);
    if (!body) break;
    if ((await receive(body, draft)) === input.sha256) return rename(draft, target);
  }
  await rm(draft, { force: true });
  throw new RunFailure(
    "Internal",
    `The input ${input.path} could not be fetched whole from the portal.`,
  );
}

/** The hash of what came; undefined when the stream broke off. */
async function receive(
  body: ReadableStream<Uint8Array>,
  draft: string,
): Promise<string | undefined> {
  const hash = createHash("sha256");
  const watch = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      done(null, piece);
    },
  });
  try {
    await pipeline(
      Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
      watch,
      createWriteStream(draft),
    );
    return hash.digest("hex");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    return undefined;
  }
}

async function toInputFile(
  paths: AttemptPaths,
  { path, sha256, size_bytes }: Input,
): Promise<InputFile> {
  const { mtimeMs } = await stat(join(paths.work, path));
  return { path, sha256, size_bytes, modified_ms: mtimeMs };
}
