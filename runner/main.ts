// The program that runs beside SUMO: `node runner.mjs <attempt folder>`.
import { resolve } from "node:path";
import { runLocally } from "./local";

function say(message: string, error?: unknown): void {
  const cause = error instanceof Error ? ` ${error.stack ?? error.message}` : "";
  process.stderr.write(`${new Date().toISOString()} ${message}${cause}\n`);
}

async function main(): Promise<number> {
  const dir = process.argv[2];
  if (!dir) {
    say("Usage: node runner.mjs <attempt folder>");
    return 2;
  }
  try {
    await runLocally(resolve(dir), process.env.PATH ?? "", say);
    return 0;
  } catch (error) {
    const isOver = error instanceof Error && error.name === "AttemptOver";
    say(isOver ? error.message : "The runner failed.", isOver ? undefined : error);
    return isOver ? 0 : 1;
  }
}

// SUMO's process group goes with this process: see runSumo.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
  process.on(signal, () => process.exit(1));
// Calls and timers that are still under way have nobody to serve any more.
process.exit(await main());
