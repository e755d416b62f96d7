// Runs a TypeScript program of this folder: node scripts/run.mjs scripts/<name>.ts [arguments]
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle } from "./bundle.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const entry = process.argv[2];
if (!entry) {
  process.stderr.write("Usage: node scripts/run.mjs scripts/<name>.ts [arguments]\n");
  process.exit(2);
}
const outfile = join(root, "dist/scripts", `${basename(entry, ".ts")}-${process.pid}.mjs`);
await bundle(root, entry, outfile, "external");
process.argv.splice(1, 2, outfile);
const { rmSync } = await import("node:fs");
process.once("exit", () => rmSync(outfile, { force: true }));
await import(pathToFileURL(outfile).href);
