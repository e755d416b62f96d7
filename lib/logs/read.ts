import type { LineLevel, LogLine } from "@/lib/domain/runner-protocol";
import { type LineBlock, type LogDeps, readBlocks } from "./blocks";
import { type JobRef, type LogOwner, listLogOwners } from "./store";

export type NumberedLine = {
  /** Counts within the job from 0. */
  readonly n: number;
  readonly line: LogLine;
};

export type LogQuery = {
  /** Reads on from this line; without it the last `tail` lines are read. */
  readonly from?: number | undefined;
  /** Lines before this one only. */
  readonly before?: number | undefined;
  readonly limit: number;
  readonly tail: number;
  /** Lines of this level and above. */
  readonly level?: LineLevel | undefined;
  /** Lines that contain this text, in whatever case. */
  readonly q?: string | undefined;
};

export type LogPage = {
  readonly lines: readonly NumberedLine[];
  /** Lines that the job has by now. */
  readonly total: number;
  /** The first line that was looked at. */
  readonly from: number;
  /** Where to read on. */
  readonly next: number;
};

/** A search looks at so many lines at most (about a second), an answer has so many characters. */
const MAX_LINES_LOOKED_AT = 250_000;
const MAX_CHARACTERS = 16_000_000;

/** Lines of a job, whether it runs or ended long ago. Memory is bounded by the answer and one block. */
export async function readLines(deps: LogDeps, job: JobRef, query: LogQuery): Promise<LogPage> {
  const owners = await listLogOwners(deps.database.db, job);
  const last = owners.at(-1);
  const total = last ? last.firstLine + last.lineCount : 0;
  return query.from === undefined
    ? readTail(deps, owners, query, total)
    : readOn(deps, owners, { ...query, from: query.from }, total);
}

async function readOn(
  deps: LogDeps,
  owners: readonly LogOwner[],
  query: LogQuery & { readonly from: number },
  total: number,
): Promise<LogPage> {
  const before = Math.min(total, query.before ?? total);
  const lines: NumberedLine[] = [];
  const budget = createBudget(query.limit);
  const matches = matcher(query);
  const range = { from: query.from, before, order: "ascending", level: query.level ?? "info" } as const;
  const page = (next: number): LogPage => ({ lines, total, from: Math.min(query.from, total), next });
  for (const owner of owners) {
    for await (const { first, lines: found } of readBlocks(deps, owner, range)) {
      for (const [index, line] of found.entries()) {
        if (!matches(line)) continue;
        if (!budget.take(line)) return page(first + index);
        lines.push({ n: first + index, line });
      }
      if (!budget.look(found.length)) return page(first + found.length);
    }
  }
  return page(Math.max(before, Math.min(query.from, total)));
}

async function readTail(
  deps: LogDeps,
  owners: readonly LogOwner[],
  query: LogQuery,
  total: number,
): Promise<LogPage> {
  const before = Math.min(total, query.before ?? total);
  const lines: NumberedLine[] = [];
  const budget = createBudget(query.tail);
  const matches = matcher(query);
  const range = { from: 0, before, order: "descending", level: query.level ?? "info" } as const;
  const page = (from: number): LogPage => ({ lines: lines.toReversed(), total, from, next: before });
  for (const owner of owners.toReversed()) {
    for await (const block of readBlocks(deps, owner, range)) {
      for (const { n, line } of backwards(block)) {
        if (!matches(line)) continue;
        if (!budget.take(line)) return page(n + 1);
        lines.push({ n, line });
      }
      if (!budget.look(block.lines.length)) return page(block.first);
    }
  }
  return page(0);
}

function* backwards({ first, lines }: LineBlock): Generator<NumberedLine> {
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index];
    if (line) yield { n: first + index, line };
  }
}

function createBudget(maxLines: number) {
  let taken = 0;
  let characters = 0;
  let looked = 0;
  return {
    take([, , , text]: LogLine): boolean {
      if (taken >= maxLines || (taken > 0 && characters + text.length > MAX_CHARACTERS)) return false;
      taken += 1;
      characters += text.length;
      return true;
    },
    look(lines: number): boolean {
      looked += lines;
      return looked < MAX_LINES_LOOKED_AT;
    },
  };
}

function matcher({ level, q }: LogQuery): (line: LogLine) => boolean {
  const text = q?.toLowerCase();
  return ([, , lineLevel, lineText]) =>
    isAtLeast(lineLevel, level ?? "info") && (!text || lineText.toLowerCase().includes(text));
}

function isAtLeast(level: LineLevel, wanted: LineLevel): boolean {
  if (wanted === "info") return true;
  return level === "error" || level === wanted;
}
