import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Progress } from "@/lib/domain/progress";
import type { ReportAnswer } from "@/lib/domain/runner-protocol";
import type { AttemptPaths } from "./attempt-paths";
import type { PortalClient } from "./portal-client";
import { AgentState, Command, Phases, readJson, type Stop, writeJson } from "./spool-files";
import { type Batch, SpoolReader } from "./spool-reader";

const LOOK_MS = 100;
/** Between two reports when there are lines, so that readers see them soon. */
const LINES_EVERY_MS = 300;

/** Sends reports: lines as they come, progress and phases, a sign of life once a second. */
export class Reporter {
  readonly #paths: AttemptPaths;
  readonly #client: PortalClient;
  readonly #reader: SpoolReader;
  #seq: number;
  #nextLine: number;
  #sentAt = 0;
  #pauseMs = 1_000;
  #phases = 0;
  /** The end was there when the last report that arrived was made, so that it told all. */
  #hasToldEnd = false;

  constructor(paths: AttemptPaths, client: PortalClient) {
    this.#paths = paths;
    this.#client = client;
    this.#reader = new SpoolReader(paths.lines);
    const before = readJson(paths.agent, AgentState);
    this.#seq = before?.seq ?? 0;
    this.#nextLine = before?.next_line ?? 0;
  }

  /** Lines below this number are with the portal. */
  get nextLine(): number {
    return this.#nextLine;
  }

  /** The portal has the last progress and phases. */
  get hasToldEnd(): boolean {
    return this.#hasToldEnd;
  }

  goTo(line: number): void {
    this.#nextLine = line;
  }

  countLines(): number {
    return this.#reader.count();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#step();
      // A full batch means that more is waiting.
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #step(): Promise<void> {
    let batch = this.#due();
    while (batch) {
      await this.#send(batch);
      batch = this.#reader.read(this.#nextLine);
      if (batch.lines.length < 1_000) return;
    }
  }

  /** What to send now; undefined when it is too early. */
  #due(): Batch | undefined {
    const waited = Date.now() - this.#sentAt;
    if (waited < LINES_EVERY_MS) return undefined;
    const batch = this.#reader.read(this.#nextLine);
    const phases = readJson(this.#paths.phases, Phases)?.length ?? 0;
    return waited >= this.#pauseMs || batch.lines.length > 0 || phases > this.#phases
      ? batch
      : undefined;
  }

  async #send(batch: Batch): Promise<void> {
    this.#seq += 1;
    this.#sentAt = Date.now();
    const isEnd = existsSync(this.#paths.ended);
    const phases = readJson(this.#paths.phases, Phases) ?? [];
    const answer = await this.#client.report(this.#toBody(batch, phases));
    this.#phases = phases.length;
    this.#hasToldEnd = isEnd;
    this.#nextLine = answer.next_line;
    this.#pauseMs = answer.next_report_ms;
    this.#remember();
    this.#passOn(answer);
  }

  #remember(): void {
    try {
      const state: AgentState = { seq: this.#seq, next_line: this.#nextLine };
      writeJson(this.#paths.agent, state);
    } catch {
      // On a full disk the portal's answers still tell where to go on.
    }
  }

  /** A Report; the lines are JSON already and need not be read for it. */
  #toBody({ firstLine, lines }: Batch, phases: Phases): string {
    const command = readJson(this.#paths.command, Command);
    const head = {
      seq: this.#seq,
      at: new Date().toISOString(),
      phases,
      progress: readJson(this.#paths.progress, Progress.nullable()) ?? null,
      first_line: firstLine,
      sumo_version: command?.sumo_version ?? null,
      command: command?.command ?? null,
    };
    return `${JSON.stringify(head).slice(0, -1)},"lines":[${lines.join(",")}]}`;
  }

  #passOn({ stop }: ReportAnswer): void {
    if (!stop || existsSync(this.#paths.stop)) return;
    writeJson(this.#paths.stop, {
      at_ms: Date.now(),
      grace_seconds: stop.grace_seconds,
    } satisfies Stop);
  }
}
