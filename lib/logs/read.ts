import type { LineLevel, LogLine } from "@/lib/domain/runner-protocol";
import { type BlockQuery, type LineBlock, type LogDeps, readBlocks } from "./blocks";
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
  const from = Math.min(query.from, total);
  const range = { from: query.from, before, order: "ascending" } as const;
  const { lines, stop } = await collect(deps, owners, range, query, query.limit);
  return { lines, total, from, next: stop ?? Math.max(before, from) };
}

async function readTail(
  deps: LogDeps,
  owners: readonly LogOwner[],
  query: LogQuery,
  total: number,
): Promise<LogPage> {
  const before = Math.min(total, query.before ?? total);
  const range = { from: 0, before, order: "descending" } as const;
  const { lines, stop } = await collect(deps, owners.toReversed(), range, query, query.tail);
  return { lines: lines.toReversed(), total, from: stop ?? 0, next: before };
}

/** Matching lines in the order of the range; `stop` is where the budget ended it. */
async function collect(
  deps: LogDeps,
  owners: readonly LogOwner[],
  range: Omit<BlockQuery, "level">,
  query: LogQuery,
  maxLines: number,
): Promise<{ lines: NumberedLine[]; stop?: number }> {
  const lines: NumberedLine[] = [];
  const budget = createBudget(maxLines);
  const matches = matcher(query);
  const isUp = range.order === "ascending";
  for await (const block of readAllBlocks(deps, owners, { ...range, level: levelOf(query) })) {
    const found = numbered(block, isUp).filter(({ line }) => matches(line));
    const stop = takeAll(found, budget, lines) ?? (budget.look(block.lines.length) ? null : block);
    if (stop) return { lines, stop: whereToGoOn(stop, isUp) };
  }
  return { lines };
}

/** Returns the line that was too many. */
function takeAll(
  found: readonly NumberedLine[],
  budget: ReturnType<typeof createBudget>,
  lines: NumberedLine[],
): NumberedLine | undefined {
  const refused = found.find(({ line }) => !budget.take(line));
  lines.push(...(refused ? found.slice(0, found.indexOf(refused)) : found));
  return refused;
}

/** From the line that was too many, or behind the block that was the last to be looked at. */
function whereToGoOn(stop: NumberedLine | LineBlock, isUp: boolean): number {
  if ("n" in stop) return isUp ? stop.n : stop.n + 1;
  return isUp ? stop.first + stop.lines.length : stop.first;
}

async function* readAllBlocks(deps: LogDeps, owners: readonly LogOwner[], query: BlockQuery) {
  for (const owner of owners) yield* readBlocks(deps, owner, query);
}

function numbered({ first, lines }: LineBlock, isUp: boolean): NumberedLine[] {
  const all = lines.map((line, index) => ({ n: first + index, line }));
  return isUp ? all : all.reverse();
}

function createBudget(maxLines: number) {
  let taken = 0;
  let characters = 0;
  let looked = 0;
  return {
    take([, , , text]: LogLine): boolean {
      if (taken >= maxLines || (taken > 0 && characters + text.length > MAX_CHARACTERS))
        return false;
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

function levelOf({ level }: LogQuery): LineLevel {
  return level ?? "info";
}

function matcher(query: LogQuery): (line: LogLine) => boolean {
  const text = query.q?.toLowerCase();
  return ([, , lineLevel, lineText]) =>
    isAtLeast(lineLevel, levelOf(query)) && (!text || lineText.toLowerCase().includes(text));
}

function isAtLeast(level: LineLevel, wanted: LineLevel): boolean {
  if (wanted === "info") return true;
  return level === "error" || level === wanted;
}
