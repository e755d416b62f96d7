import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { rewriteWrittenFiles } from "@/lib/sumo/written-files";
import type { AttemptPaths } from "./attempt-paths";
import { RunFailure } from "./run-failure";
import { InputFile, readJson, writeJson } from "./spool-files";

/** A piece that has no end of a tag for so long is no XML. */
const MAX_TAG = 4 * 2 ** 20;

export type InputScan = {
  /** One sentence for each output that was discarded. */
  readonly notes: readonly string[];
  /** The latest departure that the demand names; null when it names none. */
  readonly demandEndSeconds: number | null;
  /** Folders in which files of the scenario want to write. */
  readonly folders: readonly string[];
};

/**
 * Reads all XML inputs once: names of written files that lead to a socket or out of the folder become
 * /dev/null, in the run's own copy, and the end of the demand is noted. A changed copy is the input from
 * then on, so that it is no result.
 */
export async function rewriteInputs(paths: AttemptPaths): Promise<InputScan> {
  const inputs = readJson(paths.inputs, InputFile.array()) ?? [];
  const scans: Scanned[] = [];
  for (const input of inputs) scans.push(await scanInput(paths, input));
  if (scans.some(({ changed }) => changed)) {
    writeJson(
      paths.inputs,
      inputs.map((input, at) => scans[at]?.changed ?? input),
    );
  }
  const ends = scans.map(({ demandEnd }) => demandEnd).filter((end) => end !== null);
  return {
    notes: scans.flatMap(({ notes }) => notes),
    demandEndSeconds: ends.length === 0 ? null : Math.max(...ends),
    folders: [...new Set(scans.flatMap(({ folders }) => [...folders]))],
  };
}

async function scanInput(paths: AttemptPaths, input: InputFile): Promise<Scanned> {
  const kind = await kindOf(join(paths.work, input.path));
  if (kind === "utf16") {
    throw new RunFailure(
      "InputInvalid",
      `${input.path} is UTF-16. Save it as UTF-8 and send the scenario again.`,
    );
  }
  if (kind === "other") return { notes: [], demandEnd: null, folders: new Set() };
  return scanFile(paths, input, kind === "gzip");
}

async function kindOf(path: string): Promise<"xml" | "gzip" | "utf16" | "other"> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
    const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
    if (isWide || (head.includes(0) && head.includes(0x3c))) return "utf16";
    return /^(?:\xef\xbb\xbf)?\s*</.test(head.toString("latin1")) ? "xml" : "other";
  } finally {
    await file.close();
  }
}

type Scanned = {
  notes: string[];
  demandEnd: number | null;
  folders: Set<string>;
  changed?: InputFile;
};

async function scanFile(paths: AttemptPaths, input: InputFile, isGzip: boolean): Promise<Scanned> {
  const source = join(paths.work, input.path);
  const dir = dirname(input.path) === "." ? "" : dirname(input.path);
  const scanned: Scanned = { notes: [], demandEnd: null, folders: new Set() };
  for await (const piece of pieces(source, isGzip, dir)) {
    for (const { line, value } of piece.replaced) {
      scanned.notes.push(
        `the output "${value}" in ${input.path}:${line} is not possible here and is discarded.`,
      );
    }
    for (const folder of piece.folders) scanned.folders.add(folder);
    const latest = latestDeparture(piece.text);
    if (latest !== null) scanned.demandEnd = Math.max(scanned.demandEnd ?? 0, latest);
  }
  if (scanned.notes.length > 0) scanned.changed = await rewrite(paths, input, isGzip, dir);
  return scanned;
}

/** Few files need it, so it is a second pass and the first one writes nothing. */
async function rewrite(
  paths: AttemptPaths,
  input: InputFile,
  isGzip: boolean,
  dir: string,
): Promise<InputFile> {
  const source = join(paths.work, input.path);
  const draft = join(paths.spool, "rewritten.part");
  const texts = async function* () {
    for await (const { text } of pieces(source, isGzip, dir)) yield Buffer.from(text, "latin1");
  };
  await pipeline(texts, isGzip ? createGzip() : new PassThrough(), createWriteStream(draft));
  await rm(source);
  await rename(draft, source);
  const hash = createHash("sha256");
  for await (const part of createReadStream(source)) hash.update(part as Buffer);
  const { size, mtimeMs } = await stat(source);
  return { path: input.path, size_bytes: size, modified_ms: mtimeMs, sha256: hash.digest("hex") };
}

/** The file in pieces that end between tags. A broken gzip file is for SUMO to refuse, in its own words. */
async function* pieces(source: string, isGzip: boolean, dir: string) {
  const raw = createReadStream(source, { highWaterMark: 2 ** 20 });
  try {
    yield* rewritten(isGzip ? raw.pipe(createGunzip()) : raw, dir);
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith("Z_")) throw error;
  } finally {
    raw.destroy();
  }
}

/** Latin-1 keeps every byte as it is. */
async function* rewritten(stream: AsyncIterable<unknown>, dir: string) {
  let rest = "";
  let line = 1;
  for await (const part of stream) {
    rest += (part as Buffer).toString("latin1");
    const end = rest.lastIndexOf(">") + 1 || (rest.length < MAX_TAG ? 0 : rest.length);
    if (end === 0) continue;
    const piece = rewriteWrittenFiles(rest.slice(0, end), dir, line);
    rest = rest.slice(end);
    line += piece.lines;
    yield piece;
  }
  yield rewriteWrittenFiles(rest, dir, line);
}

/** Demand is sorted by departure, so the last one of a piece is enough; flows name their end. */
function latestDeparture(text: string): number | null {
  const at = text.lastIndexOf(' depart="');
  const times = at < 0 ? [] : [Number.parseFloat(text.slice(at + 9, at + 40))];
  if (text.includes("<flow") || text.includes("<personFlow")) {
    for (const [, end = ""] of text.matchAll(/<(?:person)?[fF]low\s[^>]*?\send="([\d.]+)"/g))
      times.push(Number(end));
  }
  const known = times.filter((time) => Number.isFinite(time));
  return known.length === 0 ? null : Math.max(...known);
}
