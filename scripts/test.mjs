// npm test: installs what is missing, then checks, build, vitest and Playwright, and one line over all.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  continueWithOwnNode,
  hasCommand,
  installDebianPackages,
  installPackages,
  requireSumo,
  root,
  say,
} from "./bootstrap.mjs";
import { addCounts, countPlaywright, countVitest } from "./test-report.mjs";

const BROWSER = "chromium-headless-shell";
const reports = join(root, "dist/test");

installPackages();
await continueWithOwnNode(fileURLToPath(import.meta.url), process.argv.slice(2));
requireSumo();
const hasBrowser = hasCommand(BROWSER) || installDebianPackages([BROWSER]);

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const parts = [
  await checks(),
  await step("Build", ["scripts/build.mjs"]),
  await vitest(),
  await playwright(),
];
const { passed, failed, skipped, skippedNames } = addCounts(parts);
for (const name of skippedNames) say(`SKIPPED: ${name}`);
say(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);

async function checks() {
  say("\n== Format, lint, types, unused code");
  const { printChecks, runChecks } = await import("./check.mjs");
  const results = await runChecks();
  printChecks(results);
  const good = results.filter((result) => result.passed).length;
  return { passed: good, failed: results.length - good, skipped: 0 };
}

/** A part that is one test by itself: it succeeds or it does not. */
async function step(title, args) {
  say(`\n== ${title}`);
  const code = await run(args);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function vitest() {
  say("\n== Tests");
  const report = join(reports, "vitest.json");
  const code = await run([
    join(root, "node_modules/vitest/vitest.mjs"),
    ...["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  ]);
  return counted(code, report, countVitest);
}

async function playwright() {
  say("\n== Browser tests");
  if (!hasBrowser) {
    say(`NOT RUN: the browser is missing. Run: sudo apt-get install -y ${BROWSER}`);
    return { passed: 0, failed: 0, skipped: 1, skippedNames: ["all browser tests: no browser"] };
  }
  const report = join(reports, "playwright.json");
  const cli = join(root, "node_modules/@playwright/test/cli.js");
  const code = await run([cli, "test", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  });
  return counted(code, report, countPlaywright);
}

/** A run that ended badly is a failure even when its report shows none or is missing. */
function counted(code, report, count) {
  try {
    const counts = count(JSON.parse(readFileSync(report, "utf8")));
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } catch (error) {
    say(`There is no report to count (${error.message}).`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function run(args, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((done) => {
    child.once("error", () => done(1));
    child.once("exit", (code) => done(code ?? 1));
  });
}
