import type { OptionType } from "./option-table";

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const CLOCK = /^(\d+:)?\d+:\d+:\d+(\.\d+)?$/;
const FORMS: Readonly<Record<OptionType, { readonly pattern: RegExp; readonly words: string }>> = {
  BOOL: { pattern: /^(true|false|1|0|yes|no|on|off|x|-|t|f)$/i, words: "true or false" },
  INT: { pattern: /^[+-]?\d{1,10}$/, words: "a whole number" },
  FLOAT: { pattern: NUMBER, words: "a number" },
  TIME: {
    pattern: new RegExp(`${NUMBER.source}|${CLOCK.source}`, "i"),
    words: "seconds or hours:minutes:seconds",
  },
  STR: { pattern: /^.*$/su, words: "a text" },
  "STR[]": { pattern: /^.*$/su, words: "a list with commas" },
  FILE: { pattern: /^.*$/su, words: "a file" },
};

/** What a value should be, in words, when SUMO could not read it as that type. */
export function findValueFault(type: OptionType, value: string): string | undefined {
  const { pattern, words } = FORMS[type];
  return pattern.test(value) ? undefined : words;
}
