import { expect, test } from "vitest";
import { outputPlace } from "./output-place";

test.each([
  ["out/trips.xml", "inside"],
  ["sub/../trips.xml", "inside"],
  ["name with blanks.xml.gz", "inside"],
  ["a:b.xml", "inside"],
  ["", "none"],
  ["nul", "none"],
  ["NUL", "none"],
  ["/dev/null", "none"],
  ["stdout", "stream"],
  ["-", "stream"],
  ["localhost:8089", "outside"],
  [":8089", "outside"],
  ["/tmp/x.xml", "outside"],
  ["../x.xml", "outside"],
  ["a/../../x.xml", "outside"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: SUMO's own notation
  ["${HOME}.xml", "outside"],
  ["~/x.xml", "outside"],
] as const)("%j is %s", (path, place) => {
  expect(outputPlace(path)).toBe(place);
});
