import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const FOLDERS = ["app", "components", "lib", "runner", "public", "drizzle", "scripts"];
const FILES = [
  "instrumentation.ts",
  "next.config.ts",
  "package-lock.json",
  "postcss.config.mjs",
  "tsconfig.json",
];
const IGNORED = /\.test\.tsx?$|^scripts\/(bench|demo|test|check|complete-lock)/;

/** One hash over all that a build is made of (names and contents), tests left out. */
export async function sourceHash(root) {
  const hash = createHash("sha256").update(process.versions.node.split(".")[0]);
  for (const path of await sources(root)) {
    hash.update(`${path}\0`).update(await readFile(join(root, path)));
  }
  return hash.digest("hex").slice(0, 16);
}

async function sources(root) {
  const listed = await Promise.all(
    FOLDERS.map(async (folder) => {
      const entries = await readdir(join(root, folder), {
        recursive: true,
        withFileTypes: true,
      }).catch(() => []);
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath.slice(root.length + 1), entry.name));
    }),
  );
  return [...FILES, ...listed.flat()].filter((path) => !IGNORED.test(path)).sort();
}
