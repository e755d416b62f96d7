import { expect, test } from "vitest";
import { kindOf } from "./kind";

const head = (root: string) =>
  `<?xml version="1.0"?>\n<!-- <configuration> a < b -->\n<${root} a="1">`;

test.each([
  ["out/x.xml", head("tripinfos"), "tripinfo"],
  ["out/x.xml.gz", head("summary"), "summary"],
  ["x.xml", `${head("meandata")}<interval><edge id="a"/>`, "edgedata"],
  ["x.xml", `${head("meandata")}<interval><edge id="a"><lane id="a_0"/>`, "lanedata"],
  ["x.xml", head("statistics"), "statistics"],
  ["x.xml", head("fcd-export"), "fcd"],
  ["x.xml", head("something"), "xml"],
  ["x.xml", head("constructor"), "xml"],
  ["x.xml", "", "xml"],
  ["x.xml", undefined, "xml"],
  ["resolved.sumocfg", undefined, "configuration"],
  ["SUMO.LOG", undefined, "log"],
  ["fcd.csv.gz", undefined, "table"],
  ["a.parquet", undefined, "table"],
  ["noext", undefined, "other"],
])("%s that begins with %o is %s", (path, content, kind) => {
  expect(kindOf(path, content)).toBe(kind);
});
