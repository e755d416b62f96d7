import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "@/lib/db/embedded";

const run = promisify(execFile);
const START_LIMIT_MS = 60_000;
const children: ChildProcess[] = [];
let dataDir = "";

beforeAll(async () => {
  await run(process.execPath, ["scripts/build.mjs"], { timeout: 300_000 });
  dataDir = await mkdtemp(join(tmpdir(), "sumo-k8 launcher-"));
}, 320_000);

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  const pid = await postgresPid();
  if (pid > 0 && (await isAlive(pid))) {
    process.kill(pid, "SIGINT");
    await until(async () => !(await isAlive(pid)));
  }
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

test("wrong settings are all listed, and stop the start", async () => {
  const started = start({ PORT: "much", LOG_LEVEL: "loud", ADMIN_KEY: "short" });
  expect(await started.exited).toBe(1);
  for (const name of ["PORT", "LOG_LEVEL", "ADMIN_KEY"]) expect(started.output()).toContain(name);
});

test("TERM ends the portal and then PostgreSQL, with exit code 0", async () => {
  const port = String(await freePort());
  const started = start({ PORT: port });
  await until(() => started.output().includes("SUMO-K8 is ready"));
  const postgres = await postgresPid();
  expect(await isAlive(postgres)).toBe(true);
  started.child.kill("SIGTERM");
  expect(await started.exited).toBe(0);
  expect(await isAlive(postgres)).toBe(false);
  expect(await isAnswered(port)).toBe(false);
}, 120_000);

test("after a launcher that was killed, the portal ends by itself and the next start takes PostgreSQL over", async () => {
  const port = String(await freePort());
  const killed = start({ PORT: port });
  await until(() => killed.output().includes("SUMO-K8 is ready"));
  const postgres = await postgresPid();
  killed.child.kill("SIGKILL");
  await until(async () => !(await isAnswered(port)));
  expect(await isAlive(postgres)).toBe(true);
  const next = start({ PORT: port });
  await until(() => next.output().includes("SUMO-K8 is ready"));
  expect(await postgresPid()).toBe(postgres);
  next.child.kill("SIGTERM");
  expect(await next.exited).toBe(0);
  expect(await isAlive(postgres)).toBe(false);
}, 120_000);

function start(settings: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ["dist/current/start.mjs"], {
    env: {
      NODE_ENV: "production",
      PATH: process.env.PATH ?? "",
      SUMO_K8_DATA_DIR: dataDir,
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const written: string[] = [];
  child.stdout.on("data", (piece: Buffer) => written.push(piece.toString()));
  child.stderr.on("data", (piece: Buffer) => written.push(piece.toString()));
  const exited = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
  return { child, exited, output: () => written.join("") };
}

async function postgresPid(): Promise<number> {
  const file = join(dataDir, "postgres/data/postmaster.pid");
  return Number((await readFile(file, "utf8").catch(() => "0")).split("\n")[0]);
}

/** Init may be slow to take leave of a process that has ended (state Z). */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) Z /.test(stat);
}

function isAnswered(port: string): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  );
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  while (!(await isSo())) {
    if (Date.now() > limit) throw new Error("It did not happen within a minute.");
    await sleep(50);
  }
}
