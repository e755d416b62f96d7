import { appendFile, realpath, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isFinal } from "@/lib/domain/job-state";
import type { JobView } from "@/lib/jobs/view";
import { isPortFree, type Launched, launch, runUntilSignal, sentenceOf } from "@/scripts/launcher";
import { getJob, submitArchive } from "@/scripts/portal-api";
import { adminKeyOf, tenantKeys } from "./state";
import { progressLine, resultTable } from "./text";

const FIRST_PORT = 3000;
const POLL_MS = 500;
const JOB_LIMIT_MS = 15 * 60_000;
const root = fileURLToPath(new URL("..", import.meta.url));
const isTerminal = process.stdout.isTTY === true;

await main().catch((error: unknown) => {
  process.stderr.write(`\nThe demo stopped. ${sentenceOf(error)}\n`);
  process.exit(1);
});

async function main(): Promise<void> {
  const dataDir = resolve(process.env.SUMO_K8_DATA_DIR || join(root, "data"));
  const adminKey = process.env.ADMIN_KEY || (await adminKeyOf(dataDir));
  const launched = await start(dataDir, adminKey);
  // Ctrl-C ends the portal and PostgreSQL in order, whatever the demo is doing.
  let isDone = false;
  const ended = runUntilSignal(launched).then((code) => {
    if (!isDone) process.exit(code);
  });
  const portal = { url: launched.url, adminKey };
  const keys = await tenantKeys(portal, dataDir);
  say(`Tenants city-a and city-b; keys in ${join(dataDir, "demo-keys.json")}`);
  say(`Administrator's key: ${adminKey}  (in ${join(dataDir, "admin-key")})`);
  say(`The portal is ready at ${portal.url}`);
  const job = await runExample(portal.url, keys["city-a"] ?? "");
  showResult(portal.url, keys["city-a"] ?? "", job);
  if (process.argv.includes("--exit")) {
    isDone = true;
    await launched.stop();
    process.exit(job.status === "SUCCEEDED" ? 0 : 1);
  }
  say("\nThe portal keeps running; Ctrl-C ends it.");
  await ended;
}

async function start(dataDir: string, adminKey: string): Promise<Launched> {
  const port = process.env.PORT || String(await firstFreePort(FIRST_PORT));
  const log = join(dataDir, "portal.log");
  await writeFile(log, "");
  say(`Starting PostgreSQL and the portal on port ${port}; data in ${dataDir}`);
  const cwd = await realpath(join(root, "dist/current"));
  return launch({
    environment: {
      ...process.env,
      NODE_ENV: "production",
      PORT: port,
      ADMIN_KEY: adminKey,
      SUMO_K8_DATA_DIR: dataDir,
    },
    cwd,
    args: () => [join(cwd, "server.js")],
    onOutput: (text) => void appendFile(log, text).catch(() => undefined),
  }).catch((cause: unknown) => {
    throw new Error(`The portal did not start. What it wrote is in ${log}.`, { cause });
  });
}

async function firstFreePort(first: number): Promise<number> {
  for (let port = first; port < first + 1_000; port += 1) {
    if (await isPortFree(port, "127.0.0.1")) return port;
  }
  throw new Error(`No port from ${first} to ${first + 999} is free. Set PORT to one that is.`);
}

async function runExample(url: string, key: string): Promise<JobView> {
  const example = join(root, "examples/town-morning.zip");
  say("\nSubmitting examples/town-morning.zip as city-a: POST /api/jobs");
  const { job_id: id } = await submitArchive(url, key, example, {
    scenario_id: "town-morning",
    seed: "42",
  });
  const limit = Date.now() + JOB_LIMIT_MS;
  for (let shown = ""; Date.now() < limit; await sleep(POLL_MS)) {
    const job = await getJob(url, key, id);
    if (isFinal(job.status)) {
      if (isTerminal) process.stdout.write("\r\u001b[K");
      return job;
    }
    shown = show(progressLine(job), shown);
  }
  throw new Error(`Job ${id} did not end within ${JOB_LIMIT_MS / 60_000} minutes.`);
}

/** On a terminal one line that changes in place, else a line whenever something new is known. */
function show(line: string, shown: string): string {
  if (isTerminal)
    process.stdout.write(`\r\u001b[K${line.slice(0, (process.stdout.columns || 80) - 1)}`);
  else if (line !== shown) say(line);
  return line;
}

function showResult(url: string, key: string, job: JobView): void {
  const address = `${url}/api/jobs/${job.job_id}`;
  say("\nResult");
  for (const line of resultTable(job)) say(line);
  say(`\nThe job:  ${address}`);
  say("Try it:");
  say(`  curl -H 'Authorization: Bearer ${key}' ${address}`);
  say(`  curl -H 'Authorization: Bearer ${key}' -o results.zip ${address}/results.zip`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
