// npm run bench [-- part ...] [--full]: measures the built portal against floors taken in the same run.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { startEmbeddedPostgres } from "@/lib/db/embedded";
import { lists } from "./lists";
import { logLag } from "./log-lag";
import { manyLines } from "./many-lines";
import { openBench } from "./open-bench";
import { overhead } from "./overhead";
import type { Part, Row } from "./part";
import { reads } from "./reads";
import { performancePage, tableText } from "./report";
import { startUp } from "./start-up";
import { submissions } from "./submissions";
import { upload } from "./upload";

const PARTS: Readonly<Record<string, Part>> = {
  submissions,
  reads,
  lists,
  upload,
  logs: logLag,
  lines: manyLines,
  overhead,
  start: startUp,
};

const args = process.argv.slice(2);
const isFull = args.includes("--full");
const asked = args.filter((arg) => arg !== "--full");
const unknown = asked.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  process.stderr.write(
    `Unknown part: ${unknown.join(", ")}. Parts: ${Object.keys(PARTS).join(", ")}\n`,
  );
  process.exit(2);
}
if (spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" }).status !== 0) {
  process.exit(1);
}
const names = asked.length > 0 ? asked : Object.keys(PARTS);
const dir = await mkdtemp(join(tmpdir(), "sumo-k8-bench-"));
const server = await startEmbeddedPostgres(join(dir, "postgres"), ["max_connections=200"]);
const rows: Row[] = [];
let current: Awaited<ReturnType<typeof openBench>> | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
}
try {
  for (const name of names) rows.push(...(await runPart(name)));
} finally {
  await cleanUp();
}
process.stdout.write(`\n${tableText(rows)}\n`);
if (asked.length === 0) {
  const command = `npm run bench${isFull ? " -- --full" : ""}`;
  const [sumoVersion = "SUMO"] = execFileSync("sumo", ["--version"], { encoding: "utf8" }).split(
    "\n",
  );
  await writeFile(
    "docs/performance.md",
    performancePage({ rows, command, date: new Date(), sumoVersion }),
  );
  process.stdout.write("\nWritten to docs/performance.md\n");
}
process.exit(rows.every(({ isMet }) => isMet !== false) ? 0 : 1);

async function cleanUp(): Promise<void> {
  await current?.close();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
}

/** A part that breaks is a row of its own, and does not stop the others. */
async function runPart(name: string): Promise<readonly Row[]> {
  const part = PARTS[name];
  if (!part) return [];
  process.stdout.write(`\n== ${name}\n`);
  const bench = await openBench(server.url, join(dir, name), isFull);
  current = bench;
  try {
    const result = await part(bench);
    process.stdout.write(`${tableText(result)}\n`);
    return result;
  } catch (error) {
    process.stderr.write(`${inspect(error)}\n`);
    process.stderr.write(`The portal's last words:\n${bench.portalOutput()}\n`);
    return [{ measure: name, value: "broke off", wanted: "a number", isMet: false }];
  } finally {
    current = undefined;
    await bench.close();
  }
}
