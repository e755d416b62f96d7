import { z } from "zod";

const CLOCK = /^(?:(\d+):)?(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)$/;

/** "12" -> 12, since a form sends everything as text. What is no number stays, for zod to refuse. */
function toNumber(value: unknown): unknown {
  return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))
    ? Number(value)
    : value;
}

/**
 * Seconds from a number, "3600", "1:00:00" or "1:00:00:00" (days first), the forms that SUMO reads:
 * https://sumo.dlr.de/docs/Basics/Notation.html
 */
export function toSeconds(value: unknown): unknown {
  const match = typeof value === "string" ? CLOCK.exec(value.trim()) : null;
  if (!match) return toNumber(value);
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * 86_400 + (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** An object, or the JSON text of one. */
function toObject(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** A whole number within bounds, as number or text. */
export function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.preprocess(toNumber, z.int({ error }).min(min, { error }).max(max, { error }));
}

/** A number above 0 up to `max`, as number or text. */
export function positiveNumber(max: number) {
  const error = `must be a number above 0, at most ${max}`;
  return z.preprocess(toNumber, z.number({ error }).positive({ error }).max(max, { error }));
}

/** A point in simulated time. */
export function seconds() {
  const error = "must be seconds (3600) or hours:minutes:seconds (1:00:00), not negative";
  return z.preprocess(toSeconds, z.number({ error }).min(0, { error }).max(1e9, { error }));
}

/** A flat JSON object; numbers and booleans become text. */
export function textMap(example: string) {
  const error = `must be a JSON object such as ${example}`;
  const value = z.union([z.string(), z.number(), z.boolean()], {
    error: "must be a text, number or true/false",
  });
  return z.preprocess(toObject, z.record(z.string(), value.transform(String), { error }));
}
