// npm run demo: everything from a fresh clone to a finished simulation. Runs on plain Node 20 until
// the packages are there.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  continueWithOwnNode,
  giveUp,
  installPackages,
  requireSumo,
  root,
  say,
} from "./bootstrap.mjs";

const args = process.argv.slice(2);
const unknown = args.filter((arg) => arg !== "--exit");
if (unknown.length > 0) {
  giveUp(`Unknown option: ${unknown.join(" ")}`, "Use: npm run demo [-- --exit]");
}

installPackages();
await continueWithOwnNode(fileURLToPath(import.meta.url), args);
requireSumo();
build();
const { bundle } = await import("./bundle.mjs");
const program = join(root, "dist/demo.mjs");
await bundle(root, "scripts/demo/main.ts", program, "external");
await import(pathToFileURL(program).href);

function build() {
  const result = spawnSync(process.execPath, [join(root, "scripts/build.mjs")], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status !== 0) {
    giveUp(
      `The build failed:\n${result.stdout}${result.stderr}`,
      "If the sources were changed, undo that; if memory ran out (1.5 GB is needed), free some; then try again.",
    );
  }
  say(result.stdout === "" ? "The build of these sources is there already." : "Built the portal.");
}
