import { expect, test } from "vitest";
import { readSumoConfig } from "./config";
import { indexFiles, roleOf } from "./file-index";
import { findInputs, joinPath } from "./inputs";

const PATHS = [
  "a.net.xml",
  "r.rou.xml",
  "sub/b.net.xml",
  "sub/deep/c.add.xml",
  "only/here.rou.xml",
  "z.rou.xml.gz",
  "Gro\u00df.net.xml",
  "with space.xml",
];
const index = indexFiles([
  ...PATHS.map((path) => ({ path, role: roleOf(path, "") })),
  { path: "page.net.xml", role: "network" as const, oddity: "an HTML page" },
]);
const inputs = (xml: string, path = "run.sumocfg") =>
  findInputs(readSumoConfig(Buffer.from(`<c>\n${xml}</c>`)), path, index);

test.each<[string, string, string, string[]]>([
  ["beside the configuration", "run.sumocfg", '<n value="a.net.xml"/>', ["a.net.xml"]],
  [
    "from a folder",
    "sub/run.sumocfg",
    '<n value="b.net.xml"/><a value="deep/c.add.xml"/>',
    ["sub/b.net.xml", "sub/deep/c.add.xml"],
  ],
  ["out of a folder", "sub/run.sumocfg", '<n value="../a.net.xml"/>', ["a.net.xml"]],
  ["with detours", "sub/run.sumocfg", '<n value="./deep/..//b.net.xml"/>', ["sub/b.net.xml"]],
  [
    "lists",
    "run.sumocfg",
    '<n value="a.net.xml"/><r value="r.rou.xml,with space.xml"/>',
    ["a.net.xml", "r.rou.xml", "with space.xml"],
  ],
  [
    "not the files of sumo-gui, nor outputs",
    "run.sumocfg",
    '<n value="a.net.xml"/><gui-settings-file value="none.xml"/><tripinfo-output value="out/t.xml"/>',
    ["a.net.xml"],
  ],
  [
    "weights, state and the rest",
    "run.sumocfg",
    '<n value="a.net.xml"/><weight-files value="r.rou.xml"/><load-state value="z.rou.xml.gz"/>',
    ["a.net.xml", "r.rou.xml", "z.rou.xml.gz"],
  ],
])("finds inputs %s", (_, path, xml, expected) => {
  expect(inputs(xml, path)).toEqual({ paths: expected, faults: [] });
});

test.each<[string, string, RegExp]>([
  [
    "missing",
    '<n value="none.net.xml"/>',
    /^net-file names none\.net\.xml, which is not in the archive\.$/,
  ],
  [
    "in another folder",
    '<n value="a.net.xml"/><r value="here.rou.xml"/>',
    /Did you mean only\/here\.rou\.xml\?/,
  ],
  ["in another case", '<n value="A.Net.xml"/>', /Did you mean a\.net\.xml\?/],
  ["without .gz", '<n value="a.net.xml"/><r value="z.rou.xml"/>', /Did you mean z\.rou\.xml\.gz\?/],
  ["with .gz", '<n value="a.net.xml.gz"/>', /Did you mean a\.net\.xml\?/],
  [
    "a space after the comma",
    '<n value="a.net.xml"/><r value="r.rou.xml, z.rou.xml.gz"/>',
    /Remove the space.*Did you mean z\.rou\.xml\.gz\?/,
  ],
  [
    "semicolons",
    '<n value="a.net.xml"/><r value="r.rou.xml;q.rou.xml"/>',
    /commas between, not semicolons/,
  ],
  ["a comma too many", '<n value="a.net.xml"/><r value="r.rou.xml,"/>', /comma too many/],
  ["backslashes", '<n value="sub\\b.net.xml"/>', /Windows only; write sub\/b\.net\.xml/],
  ["an absolute path", '<n value="/home/me/a.net.xml"/>', /path of another computer/],
  ["a drive", '<n value="C:\\x\\a.net.xml"/>', /path of another computer/],
  ["outside", '<n value="../a.net.xml"/>', /outside the archive/],
  ["a variable", `<n value="$\{HOME}/a.net.xml"/>`, /variables of the environment/],
  ["a network address", '<n value="localhost:80"/>', /network address/],
  ["an HTML page", '<n value="page.net.xml"/>', /which is an HTML page\. Download the raw file/],
  ["no network", '<r value="r.rou.xml"/>', /names no network.*perhaps with a\.net\.xml/],
])("says what is wrong with an input: %s", (_, xml, message) => {
  const { faults } = inputs(xml);
  expect(faults).toHaveLength(1);
  expect(faults[0]?.message).toMatch(message);
});

test("the line is that of the option, and all missing inputs are named at once", () => {
  expect(inputs('<n value="a.net.xml"/>\n<r value="none"/>').faults[0]?.line).toBe(3);
  expect(inputs('<n value="1"/><r value="2,3"/><a value="4"/>').faults).toHaveLength(4);
});

test("paths are joined within the top folder only", () => {
  expect(joinPath("a/b", "../c")).toBe("a/c");
  expect(joinPath("a", "../..")).toBeUndefined();
});

test.each([
  ["x.sumocfg", "", "config"],
  ["x.sumo.cfg", "", "config"],
  ["x.netecfg", "<configuration/>", "other"],
  ["x.NET.xml.gz", "", "network"],
  ["x.xml", '<?xml version="1.0"?>\n<!-- c -->\n<net version="1">', "network"],
  ["x.xml", "<routes>", "routes"],
  ["readme.md", "text", "other"],
])("%s with %j is of the role %s", (path, head, role) => {
  expect(roleOf(path, head)).toBe(role);
});
