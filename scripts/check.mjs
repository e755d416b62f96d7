// npm run check: format, lint, types and unused code, all at once; prints what fails.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./bootstrap.mjs";

const STEPS = [
  {
    name: "format and lint (biome)",
    command: "biome",
    args: ["check", "--error-on-warnings", "."],
  },
  {
    name: "lint with types (oxlint)",
    command: "oxlint",
    args: ["--type-aware", "--deny-warnings"],
  },
  { name: "types (tsc)", command: "tsc", args: ["--noEmit", "-p", "."] },
  { name: "unused code (knip)", command: "knip", args: ["--no-progress"] },
];

/** Runs every check; each result has its name and what it printed when it failed. */
export async function runChecks() {
  // Written by Next, not committed; it declares style sheets and images to the compiler.
  if (!existsSync(join(root, "next-env.d.ts"))) await run("next", ["typegen"]);
  return Promise.all(
    STEPS.map(async ({ name, command, args }) => ({ name, ...(await run(command, args)) })),
  );
}

function run(command, args) {
  const options = {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: "1" },
  };
  return new Promise((done) => {
    execFile(join(root, "node_modules/.bin", command), args, options, (error, stdout, stderr) =>
      done({ passed: !error, output: `${stdout}${stderr}` }),
    );
  });
}

export function printChecks(results) {
  for (const { name, passed, output } of results) {
    process.stdout.write(
      `${passed ? "passed" : "FAILED"}  ${name}\n${passed ? "" : `${output}\n`}`,
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = await runChecks();
  printChecks(results);
  process.exit(results.every(({ passed }) => passed) ? 0 : 1);
}
