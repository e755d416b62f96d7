import { expect, test } from "vitest";
import { levelOf } from "./log-level";

test.each([
  ["Warning: Teleporting vehicle 'f.4'; collision", "info", "warning"],
  ["Error: whitespace expected", "info", "error"],
  [" In file 'net.net.xml'", "error", "error"],
  [" At line/column 151/29.", "error", "error"],
  [" more of a warning", "warning", "warning"],
  ["Quitting (on error).", "info", "error"],
  ["sumo: ./src/x.cpp:3: void f(): Assertion `a' failed.", "info", "error"],
  ["Loading done.", "error", "info"],
  [" Duration: 0.20s", "info", "info"],
  ["", "error", "info"],
  ["Errors are rare", "info", "info"],
] as const)("%s after %s is %s", (text, previous, level) => {
  expect(levelOf(text, previous)).toBe(level);
});
