import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const LF = 10;
const MAX_LINES = 5_000;
const MAX_BYTES = 4 * 2 ** 20;
const MARK_EVERY = 1_000;

export type Batch = { readonly firstLine: number; readonly lines: readonly string[] };

/**
 * Reads the spooled lines by number, at most 5,000 or 4 MiB at once. Remembers the offset of every
 * thousandth line alone, so a million lines cost a thousand numbers.
 */
export class SpoolReader {
  readonly #path: string;
  /** Offset of line n * MARK_EVERY. */
  readonly #marks: number[] = [0];
  #line = 0;
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Lines from number `from` on, each a LogLine in JSON; none when there are none yet. */
  read(from: number): Batch {
    this.#seek(from);
    while (this.#line < from) {
      const skipped = this.#take(from - this.#line);
      if (skipped.length === 0) return { firstLine: from, lines: [] };
    }
    return { firstLine: from, lines: this.#take(MAX_LINES) };
  }

  /** Number of whole lines in the spool now. */
  count(): number {
    const [line, offset] = [this.#line, this.#offset];
    while (this.#take(MAX_LINES).length > 0);
    const count = this.#line;
    this.#line = line;
    this.#offset = offset;
    return count;
  }

  #seek(line: number): void {
    if (line === this.#line) return;
    const mark = Math.min(Math.floor(line / MARK_EVERY), this.#marks.length - 1);
    if (line > this.#line && mark * MARK_EVERY <= this.#line) return;
    this.#line = mark * MARK_EVERY;
    this.#offset = this.#marks[mark] ?? 0;
  }

  #take(maxLines: number): string[] {
    const piece = readAt(this.#path, this.#offset, MAX_BYTES);
    const lines: string[] = [];
    let start = 0;
    for (
      let end = piece.indexOf(LF);
      end >= 0 && lines.length < maxLines;
      end = piece.indexOf(LF, start)
    ) {
      lines.push(piece.toString("utf8", start, end));
      start = end + 1;
      this.#line += 1;
      if (this.#line % MARK_EVERY === 0)
        this.#marks[this.#line / MARK_EVERY] = this.#offset + start;
    }
    this.#offset += start;
    return lines;
  }
}

function readAt(path: string, offset: number, bytes: number): Buffer {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const present = Math.max(0, fstatSync(file).size - offset);
    const buffer = Buffer.allocUnsafe(Math.min(bytes, present));
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, offset));
  } finally {
    closeSync(file);
  }
}
