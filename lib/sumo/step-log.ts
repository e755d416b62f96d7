/** One record of SUMO's step log. `realTimeFactor` is null when the step took less than a millisecond. */
export type StepRecord = {
  readonly timeSeconds: number;
  readonly realTimeFactor: number | null;
  /** null with duration-log.disable, where SUMO gives the time alone. */
  readonly running: number | null;
  readonly waiting: number | null;
};

// As SUMO 1.15 to 1.27 write it: plain seconds or h:m:s (-H), figures in brackets, padded with blanks.
const RECORD =
  /^Step #(?<time>\d+(?:\.\d+)?|(?:\d+:)?\d+:\d{2}:\d{2}(?:\.\d+)?)(?: \((?:\d+ms (?:~= (?<rtf>[\d.]+(?:e[+-]?\d+)?)\*RT, ~[\d.]+(?:e[+-]?\d+)?UPS|\?\*RT\. \?UPS)(?:, TraCI: \d+ms)?, vehicles TOT \d+ ACT (?<act>\d+) BUF (?<buf>\d+)[^)]*)\))?\s*$/;

/**
 * A signal makes SUMO speak in the middle of a record: `Step #Interrupt signal received, ...`, and the rest of the record
 * after it. Gives both their own beginning again.
 */
export function mendInterrupted(text: string): string {
  if (text.startsWith("Step #Interrupt")) return text.slice("Step #".length);
  return /^[\d:.]+ \(\d+ms .*vehicles TOT /.test(text) ? `Step #${text}` : text;
}

export function parseStepRecord(text: string): StepRecord | undefined {
  if (!text.startsWith("Step #")) return undefined;
  const groups = RECORD.exec(text)?.groups;
  const timeSeconds = groups && parseSumoTime(groups.time ?? "");
  if (!groups || timeSeconds === undefined) return undefined;
  return {
    timeSeconds,
    realTimeFactor: numberOrNull(groups.rtf),
    running: numberOrNull(groups.act),
    waiting: numberOrNull(groups.buf),
  };
}

/** Seconds of `12.5`, `1:02:03` or `1:00:02:03` (days first); undefined for anything else. */
export function parseSumoTime(text: string): number | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const match = /^(?:(\d+):)?(\d+):(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(text);
  if (!match) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * 86_400 + (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

function numberOrNull(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
