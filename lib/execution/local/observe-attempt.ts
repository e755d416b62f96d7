import { readFile, stat } from "node:fs/promises";
import type { Observation } from "@/lib/domain/attempt";
import { attemptFiles, Claim } from "./attempt-dir";
import { isAlive } from "./process";

/** A runner claims its folder within milliseconds of its start. */
const CLAIM_LIMIT_MS = 60_000;

/** What is of the attempt in `dir`; undefined when the folder is gone meanwhile. */
export async function observeAttempt(dir: string, now: Date): Promise<Observation | undefined> {
  const files = attemptFiles(dir);
  const claim = await readClaim(files.claim);
  if (!claim) {
    const made = await stat(files.attempt).catch(() => undefined);
    if (!made) return (await stat(dir).catch(() => undefined)) && starting();
    if (now.getTime() - made.mtimeMs < CLAIM_LIMIT_MS) return starting();
    return lost(made.mtime, `The runner did not start.${await lastWords(files.log)}`);
  }
  if (await isAlive(claim)) return { phase: "active" };
  const finished = await stat(files.finished).catch(() => undefined);
  if (finished) return { phase: "ended", at: finished.mtime };
  const at = await lastSign([files.heartbeat, files.claim]);
  return at && lost(at, `The runner's process ended without a word.${await lastWords(files.log)}`);
}

export async function readClaim(path: string): Promise<Claim | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : Claim.parse(JSON.parse(text));
}

function starting(): Observation {
  return { phase: "waiting", reason: "Starting" };
}

function lost(at: Date, message: string): Observation {
  return { phase: "ended", at, failure: { reason: "RunnerLost", message } };
}

/** The best that is known of when a process that is gone was last there. */
async function lastSign(paths: readonly string[]): Promise<Date | undefined> {
  const stats = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return stats.map((found) => found?.mtime).find((time) => time !== undefined);
}

async function lastWords(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  const line = text.trim().split("\n").at(-1) ?? "";
  return line === "" ? "" : ` Its last words: ${line.slice(0, 500)}`;
}
