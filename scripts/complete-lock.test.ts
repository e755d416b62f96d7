import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { completeLock } from "./complete-lock.mjs";

const read = async () => JSON.parse(await readFile("package-lock.json", "utf8"));

test("the committed lock has an entry for every optional package, so npm ci takes it on any platform", async () => {
  expect(completeLock(await read()).added).toEqual([]);
});

test("the committed lock names no registry, so npm ci asks the one that is configured", async () => {
  expect(JSON.stringify(await read())).not.toContain('"resolved":"http');
});

test("a missing optional package is added beside its parent, with the platform its name tells", () => {
  const packages = {
    "": {},
    "node_modules/a": { optionalDependencies: { "@a/darwin-arm64": "1.0.0" } },
    "node_modules/b/node_modules/a": { optionalDependencies: { "@a/linux-x64-musl": "2.0.0" } },
  };
  const { lock, added } = completeLock({ packages });
  expect(added).toEqual([
    "node_modules/@a/darwin-arm64",
    "node_modules/b/node_modules/@a/linux-x64-musl",
  ]);
  expect(lock.packages["node_modules/b/node_modules/@a/linux-x64-musl"]).toEqual({
    version: "2.0.0",
    optional: true,
    os: ["linux"],
    cpu: ["x64"],
    libc: ["musl"],
  });
});

test("a package that is found further up needs no second entry", () => {
  const packages = {
    "": {},
    "node_modules/@a/darwin-arm64": { version: "1.0.0" },
    "node_modules/b/node_modules/a": { optionalDependencies: { "@a/darwin-arm64": "1.0.0" } },
  };
  expect(completeLock({ packages }).added).toEqual([]);
});
