import pino, { type Logger } from "pino";

export type { Logger };

/** One JSON line per event on standard output. Keys and tokens never get in: these fields are blanked. */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ["authorization", "token", "key", "*.authorization", "*.token", "*.key"],
  });
}
