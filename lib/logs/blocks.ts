import type { Database } from "@/lib/db/client";
import type { LogBlock } from "@/lib/db/schema/jobs";
import type { LineLevel, LogLine } from "@/lib/domain/runner-protocol";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { logKey } from "@/lib/storage/keys";
import { decodeLines } from "./codec";
import { findLogIndex, type LogOwner, listChunks } from "./store";

export type LogDeps = { readonly database: Pick<Database, "db">; readonly store: ArtifactStore };

/** Lines that lie together. `first` counts within the job: numbers go on over its attempts. */
export type LineBlock = { readonly first: number; readonly lines: readonly LogLine[] };

export type BlockQuery = {
  /** Lines from this number on ... */
  readonly from: number;
  /** ... and before this one. */
  readonly before: number;
  readonly order: "ascending" | "descending";
  /** Blocks without a line of this level or above may be left out. */
  readonly level: LineLevel;
};

const CHUNKS_AT_ONCE = 32;

/** Lines of one attempt, a block at a time, from wherever they are. Safe against the move from chunks to the stored object. */
export async function* readBlocks(
  deps: LogDeps,
  owner: LogOwner,
  query: BlockQuery,
): AsyncGenerator<LineBlock> {
  const range = {
    ...query,
    from: Math.max(0, query.from - owner.firstLine),
    before: Math.min(owner.lineCount, query.before - owner.firstLine),
  };
  if (range.from >= range.before) return;
  if (owner.logIndex) {
    yield* readStored(deps, owner, owner.logIndex, range);
    return;
  }
  const rest = yield* readChunks(deps, owner, range);
  // No more chunks: at the end, or since they were stored away meanwhile.
  const index = rest.from < rest.before ? await findLogIndex(deps.database.db, owner) : null;
  if (index) yield* readStored(deps, owner, index, rest);
}

/** Returns the range that it did not give. */
async function* readChunks(
  { database }: LogDeps,
  owner: LogOwner,
  range: BlockQuery,
): AsyncGenerator<LineBlock, BlockQuery> {
  let rest = range;
  for (;;) {
    const chunks = await listChunks(database.db, owner, { ...rest, limit: CHUNKS_AT_ONCE });
    for (const chunk of chunks) {
      yield cut(owner, chunk.firstLine, await decodeLines(chunk.lines), rest);
      rest = without(rest, chunk);
    }
    if (chunks.length < CHUNKS_AT_ONCE || rest.from >= rest.before) return rest;
  }
}

async function* readStored(
  deps: LogDeps,
  owner: LogOwner,
  index: readonly LogBlock[],
  range: BlockQuery,
): AsyncGenerator<LineBlock> {
  const blocks = index.filter((block) => overlaps(block, range) && hasLevel(block, range.level));
  for (const block of range.order === "ascending" ? blocks : blocks.toReversed()) {
    const bytes = await readBytes(deps.store, owner, block);
    yield cut(owner, block.firstLine, await decodeLines(bytes), range);
  }
}

async function readBytes(
  store: ArtifactStore,
  owner: LogOwner,
  { offset, bytes }: LogBlock,
): Promise<Buffer> {
  const key = logKey(owner.tenantId, owner.jobId, owner.number);
  const parts: Buffer[] = [];
  const range = { start: offset, end: offset + bytes - 1 };
  for await (const part of await store.open(key, range)) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function cut(
  owner: LogOwner,
  first: number,
  lines: readonly LogLine[],
  { from, before }: BlockQuery,
): LineBlock {
  const start = Math.max(0, from - first);
  return {
    first: owner.firstLine + first + start,
    lines: lines.slice(start, Math.max(0, before - first)),
  };
}

function without(
  range: BlockQuery,
  { firstLine, lineCount }: Pick<LogBlock, "firstLine" | "lineCount">,
): BlockQuery {
  return range.order === "ascending"
    ? { ...range, from: firstLine + lineCount }
    : { ...range, before: firstLine };
}

function overlaps({ firstLine, lineCount }: LogBlock, { from, before }: BlockQuery): boolean {
  return firstLine < before && firstLine + lineCount > from;
}

function hasLevel({ warnings, errors }: LogBlock, level: LineLevel): boolean {
  if (level === "info") return true;
  return errors > 0 || (level === "warning" && warnings > 0);
}
