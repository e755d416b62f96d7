import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSumoConfig } from "./config";

const run = promisify(execFile);
const set = (content: string | Uint8Array) =>
  Object.fromEntries(
    [...readSumoConfig(Buffer.from(content as string)).options].map(([name, { value }]) => [
      name,
      value,
    ]),
  );
const faults = (content: string | Uint8Array) =>
  readSumoConfig(Buffer.from(content as string)).faults;

/** What SUMO reads and how; each is also put before the real sumo below. Paths as it resolves them from sub/. */
const READ: readonly (readonly [string, string | Buffer, Record<string, string>])[] = [
  [
    "the usual form",
    '<configuration><input><net-file value="x"/></input></configuration>',
    { "net-file": "x" },
  ],
  ["any root, no sections", '<a><route-files value="r,q"/></a>', { "route-files": "r,q" }],
  [
    "synonyms of one letter",
    '<a><n value="x"/><r value="q"/><a value="z"/><b value="5"/></a>',
    { "net-file": "x", "route-files": "q", "additional-files": "z", begin: "5" },
  ],
  [
    "other synonyms",
    '<a><net value="x"/><routes value="q"/><additional value="z"/><tripinfo value="t"/></a>',
    { "net-file": "x", "route-files": "q", "additional-files": "z", "tripinfo-output": "t" },
  ],
  ["v in place of value", '<a><n v="x"/></a>', { "net-file": "x" }],
  ["the text in place of value", "<a><n>\nx\n</n></a>", { "net-file": "x" }],
  ["CDATA", "<a><n><![CDATA[x]]></n></a>", { "net-file": "x" }],
  [
    "options within options",
    '<a><n value="x"><r value="q"/></n></a>',
    { "net-file": "x", "route-files": "q" },
  ],
  ["an option as root", '<n value="x"/>', { "net-file": "x" }],
  ["an empty value", '<a><n value=""/><r value="q"/></a>', { "route-files": "q" }],
  ["entities of XML", '<a><n value="a&amp;b"/></a>', { "net-file": "a&b" }],
  [
    "a byte order mark",
    Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-8"?><a><n value="x"/></a>'),
    { "net-file": "x" },
  ],
  [
    "UTF-16",
    Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-16"?><a><n value="x"/></a>', "utf16le"),
    { "net-file": "x" },
  ],
  [
    "Latin 1",
    Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><a><n value="stra\xdfe"/></a>',
      "latin1",
    ),
    { "net-file": "straße" },
  ],
  ["comments", '<a><!-- <n value="y"/> --><n value="x"/></a>', { "net-file": "x" }],
  [
    "other attributes",
    '<a xmlns:xsi="http://x"><n value="x" synonymes="n net" type="FILE" help="h"/></a>',
    { "net-file": "x" },
  ],
];

test.each(READ)("reads %s", (_, content, options) => {
  expect(faults(content)).toEqual([]);
  expect(set(content)).toEqual(options);
});

const REFUSED: readonly (readonly [string, string, RegExp, number])[] = [
  ["an unknown option", '<a>\n  <foo-bar value="1"/>\n</a>', /no option 'foo-bar'/, 2],
  ["an option in another case", '<a><Net-File value="x"/></a>', /no option 'Net-File'/, 1],
  ["a section with a value", '<a><input value="x"/></a>', /no option 'input'/, 1],
  ["an option twice", '<a><n value="x"/>\n<net-file value="y"/></a>', /'net-file' is set twice/, 2],
  ["value and v", '<a><n value="x" v="z"/></a>', /set twice/, 1],
  ["broken XML", '<a>\n<n value="x">\n</a>', /not valid XML/, 3],
  ["no XML", "hello", /not valid XML/, 1],
];

test.each(REFUSED)("says what is wrong, and in which line: %s", (_, content, message, line) => {
  expect(faults(content)[0]).toMatchObject({ line, message: expect.stringMatching(message) });
});

test("options with which SUMO stops before it simulates are faults", () => {
  expect(faults('<a><help value="true"/></a>')[0]?.message).toMatch(/makes SUMO stop/);
  expect(faults('<a><save-configuration value="x"/></a>')[0]?.message).toMatch(/makes SUMO stop/);
});

test("the line is that where the element begins", () => {
  const { options } = readSumoConfig(Buffer.from('<a>\r\n\r\n<n\r\n value="x"\r\n/></a>'));
  expect(options.get("net-file")).toEqual({ value: "x", line: 3 });
});

describe("as sumo itself reads it", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "sumo-k8-config-"));
    await mkdir(join(dir, "sub"));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  async function resolvedBySumo(
    content: string | Buffer,
  ): Promise<Record<string, string> | undefined> {
    await writeFile(join(dir, "sub/a.sumocfg"), content);
    const args = ["-c", "sub/a.sumocfg", "-C", "out.xml"];
    const options = {
      cwd: dir,
      env: { ...process.env, SUMO_HOME: "/usr/share/sumo" },
    };
    const isRead = await run("sumo", args, options).then(
      () => true,
      () => false,
    );
    if (!isRead) return undefined;
    const written = set(await readFile(join(dir, "out.xml")));
    return Object.fromEntries(
      Object.entries(written)
        .filter(([name]) => !name.startsWith("xml-validation"))
        .map(([name, value]) => [name, decodeURIComponent(value).replaceAll("sub/", "")]),
    );
  }

  // sumo writes the bytes of other encodings as they came, so its own output is no UTF-8.
  test.each(READ.filter(([name]) => name !== "Latin 1"))("%s", async (_, content, options) => {
    expect(await resolvedBySumo(content as string)).toEqual(options);
  });

  test.each(REFUSED)("and refuses: %s", async (_, content) => {
    expect(await resolvedBySumo(content)).toBeUndefined();
  });
});
