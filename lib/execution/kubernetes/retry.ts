import { isKubeError } from "./errors";

const MAX_TRIES = 4;
const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5_000;

/**
 * How long to wait before the next try, or undefined when there is none. 429 was refused before it was done,
 * so anything may be sent again; after a broken connection or 5xx only what may be done twice. `random` in [0, 1).
 */
export function delayBeforeRetryMs(error: unknown, attempt: number, repeatable: boolean, random: number): number | undefined {
  if (attempt >= MAX_TRIES) return undefined;
  const backoffMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + random / 2);
  if (!isKubeError(error)) {
    const aborted = error instanceof Error && error.name === "AbortError";
    return repeatable && !aborted ? backoffMs : undefined;
  }
  if (error.code !== 429 && !(repeatable && error.code >= 500)) return undefined;
  return Math.max(backoffMs, (error.retryAfterSeconds ?? 0) * 1_000);
}
