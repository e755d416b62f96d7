import { join } from "node:path";
import {
  lastSummaryStep,
  type Moment,
  type ProgressBasis,
  RECENT_SECONDS,
  type SummaryFigures,
  toProgress,
} from "@/lib/sumo/progress";
import type { StepRecord } from "@/lib/sumo/step-log";
import { findWritten } from "./own-files";
import { writeJson } from "./spool-files";
import { readTail } from "./unclosed-files";

const EVERY_MS = 1_000;
/** SUMO writes its summary through every 8 KiB. */
const TAIL_BYTES = 16_384;

type Source = {
  readonly work: string;
  readonly summary: string;
  readonly target: string;
  readonly basis: ProgressBasis;
};

/** Keeps the present progress in a file, once a second. */
export class ProgressWriter {
  readonly #source: Source;
  readonly #timer: NodeJS.Timeout;
  #moments: Moment[] = [];
  #last: Moment | undefined;
  #summary: SummaryFigures | null = null;

  constructor(source: Source) {
    this.#source = source;
    this.#timer = setInterval(() => this.#write(), EVERY_MS);
  }

  take(step: StepRecord): void {
    this.#last = { step, wallSeconds: performance.now() / 1_000 };
    if (this.#moments.length === 0) this.#moments.push(this.#last);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#write();
  }

  #write(): void {
    const last = this.#last;
    if (!last) return;
    if (this.#moments.at(-1) !== last) this.#moments.push(last);
    const recent = last.wallSeconds - RECENT_SECONDS;
    this.#moments = this.#moments.filter(({ wallSeconds }) => wallSeconds >= recent);
    try {
      this.#summary = this.#readSummary() ?? this.#summary;
      writeJson(this.#source.target, toProgress(this.#source.basis, this.#moments, this.#summary));
    } catch {
      // A disk that is full: the disk watch ends the run.
    }
  }

  #readSummary(): SummaryFigures | undefined {
    const { work, summary } = this.#source;
    const path = summary.endsWith(".xml") ? findWritten(work, summary) : undefined;
    return path === undefined ? undefined : lastSummaryStep(readTail(join(work, path), TAIL_BYTES));
  }
}
