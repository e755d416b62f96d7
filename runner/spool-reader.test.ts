import { appendFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SpoolReader } from "./spool-reader";

const newSpool = () => join(mkdtempSync(join(tmpdir(), "sumo-k8-spool-")), "lines.ndjson");

test("every line is read once from any number on, and half a line not at all", () => {
  const path = newSpool();
  const reader = new SpoolReader(path);
  expect(reader.read(0).lines).toEqual([]);
  appendFileSync(path, Array.from({ length: 12_345 }, (_, at) => `line ${at}\n`).join(""));
  appendFileSync(path, "half");
  let next = 0;
  for (let batch = reader.read(0); batch.lines.length > 0; batch = reader.read(next)) {
    expect(batch.lines[0]).toBe(`line ${next}`);
    next += batch.lines.length;
  }
  expect(next).toBe(12_345);
  expect(reader.count()).toBe(12_345);
  appendFileSync(path, " done\n");
  expect(reader.read(12_345).lines).toEqual(["half done"]);
  expect(reader.count()).toBe(12_346);
  expect(reader.read(3_777).lines[0]).toBe("line 3777");
  expect(reader.read(0).lines[0]).toBe("line 0");
  expect(new SpoolReader(path).read(9_001).lines[0]).toBe("line 9001");
});
