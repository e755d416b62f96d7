import { randomUUID } from "node:crypto";
import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { freePort } from "@/lib/db/embedded";
import { createTenant } from "@/scripts/portal-api";
import {
  endPortal,
  type PortalProcess,
  spawnPortal,
  waitUntilReady,
} from "@/scripts/portal-process";

const ADMIN_KEY = "admin-key-of-the-benchmark";

export type PortalOptions = { readonly env?: Readonly<Record<string, string>> };

export type Portal = {
  readonly url: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  pid(): number;
  /** What it wrote so far. */
  output(): string;
  /** A tenant with ample limits, and a key of it. */
  tenant(id: string, limits?: Readonly<Record<string, number>>): Promise<string>;
  kill(): Promise<void>;
  /** Starts it again after its end; returns the milliseconds until it was ready. */
  start(): Promise<number>;
  stop(): Promise<void>;
};

const AMPLE = {
  max_cpu: 64,
  max_memory_gi: 64,
  max_concurrent_jobs: 64,
  max_queued_jobs: 1_000_000,
  max_storage_gi: 100,
};

/** The built portal with a database of its own on the benchmark's PostgreSQL. */
export async function startBenchPortal(
  serverUrl: string,
  dir: string,
  { env = {} }: PortalOptions = {},
): Promise<Portal> {
  const cwd = await realpath("dist/current");
  const dataDir = join(dir, `data-${randomUUID()}`);
  await mkdir(dataDir, { recursive: true });
  const databaseUrl = await createDatabase(serverUrl);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment: NodeJS.ProcessEnv = {
    NODE_ENV: "production",
    PATH: process.env.PATH ?? "",
    HOSTNAME: "127.0.0.1",
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    ADMIN_KEY,
    SUMO_K8_DATA_DIR: dataDir,
    RATE_LIMIT_PER_MINUTE: "1000000000",
    ...env,
  };
  const written: string[] = [];
  const start = async () => {
    const begun = performance.now();
    const started = spawnPortal({
      args: [join(cwd, "server.js")],
      cwd,
      env: environment,
      onOutput: (text) => written.push(text),
    });
    started.exited.then((code) => written.push(`The portal ended: ${code}\n`), String);
    await waitUntilReady(started, url).catch((cause: unknown) => {
      throw new Error(`The portal did not start:\n${written.join("")}`, { cause });
    });
    return { started, ms: performance.now() - begun };
  };
  let current: PortalProcess = (await start()).started;
  return {
    url,
    databaseUrl,
    dataDir,
    pid: () => current.child.pid ?? 0,
    output: () => written.join(""),
    tenant: (id, limits = {}) =>
      createTenant({ url, adminKey: ADMIN_KEY }, id, { ...AMPLE, ...limits }),
    async kill() {
      current.child.kill("SIGKILL");
      await current.exited;
    },
    async start() {
      const { started, ms } = await start();
      current = started;
      return ms;
    },
    stop: () => endPortal(current),
  };
}

async function createDatabase(serverUrl: string): Promise<string> {
  const name = `bench_${randomUUID().replaceAll("-", "")}`;
  const sql = postgres(serverUrl, { max: 1, onnotice: () => undefined });
  await sql.unsafe(`create database ${name}`);
  await sql.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
