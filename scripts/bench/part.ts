import type { Portal, PortalOptions } from "./portal";

/** One number of the table, with what it should be. */
export type Row = {
  readonly measure: string;
  readonly value: string;
  readonly wanted?: string;
  /** Absent where nothing is wanted: a floor, or a number to know. */
  readonly isMet?: boolean;
};

/** What a part may use. Everything it starts is ended when the part is over. */
export type Bench = {
  /** The whole size of what is otherwise scaled down. */
  readonly isFull: boolean;
  /** A folder of the part's own, removed afterwards. */
  readonly dir: string;
  portal(options?: PortalOptions): Promise<Portal>;
  /** The address of the bare server that a portal's rate is compared with. */
  floor(): Promise<string>;
  say(text: string): void;
};

export type Part = (bench: Bench) => Promise<readonly Row[]>;

export function atLeast(measure: string, value: number, wanted: number, unit = ""): Row {
  return {
    measure,
    value: `${format(value)}${unit}`,
    wanted: `at least ${wanted}${unit}`,
    isMet: value >= wanted,
  };
}

export function atMost(measure: string, value: number, wanted: number, unit = ""): Row {
  return {
    measure,
    value: `${format(value)}${unit}`,
    wanted: `at most ${wanted}${unit}`,
    isMet: value <= wanted,
  };
}

export function note(measure: string, value: number, unit = ""): Row {
  return { measure, value: `${format(value)}${unit}` };
}

function format(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toString();
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

/** The value below which the share `p` (0 to 1) of the values lies; 0 without values. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
}
