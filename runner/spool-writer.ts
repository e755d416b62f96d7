import { fstatSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import type { LineLevel } from "@/lib/domain/runner-protocol";
import { levelOf } from "@/lib/sumo/log-level";
import { mendInterrupted, parseStepRecord, type StepRecord } from "@/lib/sumo/step-log";
import { LineSplitter } from "./line-splitter";

type Stream = "stdout" | "stderr";
type Source = { readonly splitter: LineSplitter; level: LineLevel; afterStep: boolean };

const newSource = (): Source => ({ splitter: new LineSplitter(), level: "info", afterStep: false });

export type LineListener = {
  readonly onStep?: (step: StepRecord) => void;
  readonly onLine: (text: string, level: LineLevel, stream: Stream, atMs: number) => void;
};

/** Turns SUMO's two streams into step records and lines with their levels. */
export class OutputReader {
  readonly #listener: LineListener;
  readonly #sources: Record<Stream, Source> = { stdout: newSource(), stderr: newSource() };

  constructor(listener: LineListener) {
    this.#listener = listener;
  }

  push(stream: Stream, piece: Buffer): void {
    const now = Date.now();
    this.#sources[stream].splitter.push(piece, (text) => this.#take(stream, text, now));
  }

  flush(): void {
    const now = Date.now();
    for (const stream of ["stdout", "stderr"] as const) {
      this.#sources[stream].splitter.flush((text) => this.#take(stream, text, now));
    }
  }

  #take(stream: Stream, raw: string, now: number): void {
    const text = stream === "stdout" ? mendInterrupted(raw) : raw;
    const source = this.#sources[stream];
    const step = stream === "stdout" ? parseStepRecord(text) : undefined;
    // The line feed after the last step record makes an empty line that SUMO did not mean.
    const isRest = source.afterStep && text === "";
    source.afterStep = step !== undefined;
    if (step) this.#listener.onStep?.(step);
    if (step || isRest) return;
    source.level = levelOf(text, source.level);
    this.#listener.onLine(text, source.level, stream, now);
  }
}

/** Appends lines to the spool, in pieces; the runner's memory holds none of them for long. */
export class SpoolWriter {
  readonly #file: number;
  #pending: string[] = [];

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  add(text: string, level: LineLevel, stream: Stream, atMs = Date.now()): void {
    this.#pending.push(`${JSON.stringify([atMs, stream, level, text])}\n`);
  }

  /** Throws when the disk is full; the lines are kept for the next time. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const { size } = fstatSync(this.#file);
    try {
      writeFileSync(this.#file, this.#pending.join(""));
    } catch (error) {
      ftruncateSync(this.#file, size); // no half line
      throw error;
    }
    this.#pending = [];
  }
}
