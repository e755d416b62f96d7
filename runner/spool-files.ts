import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { ATTEMPT_PHASES, type AttemptPhase } from "@/lib/domain/attempt";
import { Finish, Report } from "@/lib/domain/runner-protocol";
import type { AttemptPaths } from "./attempt-paths";

export const InputFile = z.object({
  path: z.string(),
  size_bytes: z.int(),
  modified_ms: z.number(),
  sha256: z.string(),
});
export type InputFile = z.infer<typeof InputFile>;

export const Phases = Report.shape.phases;
export type Phases = z.infer<typeof Phases>;
export const Ended = Finish.pick({ at: true, outcome: true });
export type Ended = z.infer<typeof Ended>;
export const Command = z.object({
  sumo_version: z.string().nullable(),
  command: z.array(z.string()).nullable(),
});
export const Stop = z.object({ at_ms: z.number(), grace_seconds: z.number() });
export type Stop = z.infer<typeof Stop>;
export const AgentState = z.object({ seq: z.int(), next_line: z.int() });
export type AgentState = z.infer<typeof AgentState>;

/** Writes a small file whole or not at all. */
export function writeJson(path: string, content: unknown): void {
  const draft = `${path}.draft`;
  writeFileSync(draft, JSON.stringify(content));
  renameSync(draft, path);
}

/** undefined when the file is not there. */
export function readJson<T extends z.ZodType>(path: string, schema: T): z.infer<T> | undefined {
  if (!existsSync(path)) return undefined;
  return schema.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** Records that a phase begins, once. */
export function enterPhase(paths: AttemptPaths, phase: AttemptPhase, at = new Date()): void {
  const phases = readJson(paths.phases, Phases) ?? [];
  if (phases.some((entered) => entered.phase === phase)) return;
  const next = [...phases, { phase, at: at.toISOString() }];
  writeJson(
    paths.phases,
    next.toSorted((a, b) => ATTEMPT_PHASES.indexOf(a.phase) - ATTEMPT_PHASES.indexOf(b.phase)),
  );
}

export function writeEnded(paths: AttemptPaths, outcome: Ended["outcome"], at = new Date()): void {
  if (existsSync(paths.ended)) return;
  writeJson(paths.ended, { at: at.toISOString(), outcome } satisfies Ended);
}
