import { Readable } from "node:stream";
import type { LogBlock } from "@/lib/db/schema/jobs";
import type { LogLine } from "@/lib/domain/runner-protocol";
import { logKey } from "@/lib/storage/keys";
import { type LogDeps, readBlocks } from "./blocks";
import { countLevels, encodeLines } from "./codec";
import { getLogOwner, type JobRef, type LogOwner, replaceChunks } from "./store";

/** A block is what a reader unpacks to get at a line of it. */
const BLOCK_LINES = 2_000;

/**
 * Moves the log of an ended attempt from the database into one stored object: gzip members one after another,
 * with their index on the attempt. Safe to repeat and to be killed at any point: the database lets go of
 * its lines in the transaction that writes the index.
 */
export async function archiveLog(
  deps: LogDeps,
  job: JobRef,
  attempt: { readonly number: number },
): Promise<void> {
  for (;;) {
    const owner = await getLogOwner(deps.database.db, {
      jobId: job.id,
      tenantId: job.tenantId,
      number: attempt.number,
    });
    if (!owner || owner.logIndex) return;
    const index: LogBlock[] = [];
    const bytes = owner.lineCount > 0 ? await writeObject(deps, owner, index) : 0;
    if (await replaceChunks(deps.database.db, owner, index, bytes)) return;
  }
}

async function writeObject(deps: LogDeps, owner: LogOwner, index: LogBlock[]): Promise<number> {
  const key = logKey(owner.tenantId, owner.jobId, owner.number);
  const { sizeBytes } = await deps.store.put(key, Readable.from(members(deps, owner, index)));
  return sizeBytes;
}

/** The object's bytes; `index` grows with them. */
async function* members(deps: LogDeps, owner: LogOwner, index: LogBlock[]): AsyncGenerator<Buffer> {
  let offset = 0;
  for await (const { firstLine, lines } of regroup(deps, owner)) {
    const bytes = await encodeLines(lines);
    index.push({
      firstLine,
      lineCount: lines.length,
      offset,
      bytes: bytes.length,
      ...countLevels(lines),
    });
    offset += bytes.length;
    yield bytes;
  }
}

/** Chunks are as small as a report; many of them make one block. */
async function* regroup(
  deps: LogDeps,
  owner: LogOwner,
): AsyncGenerator<{ firstLine: number; lines: readonly LogLine[] }> {
  let lines: LogLine[] = [];
  let firstLine = 0;
  const whole = {
    from: 0,
    before: Number.MAX_SAFE_INTEGER,
    order: "ascending",
    level: "info",
  } as const;
  for await (const block of readBlocks(deps, owner, whole)) {
    lines.push(...block.lines);
    if (lines.length < BLOCK_LINES) continue;
    yield { firstLine, lines };
    firstLine += lines.length;
    lines = [];
  }
  if (lines.length > 0) yield { firstLine, lines };
}
