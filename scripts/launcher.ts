import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { type Env, parseEnv } from "@/lib/config/env";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/lib/db/embedded";
import { endPortal, type PortalProcess, spawnPortal, waitUntilReady } from "./portal-process";

/** A portal whose launcher was killed needs up to ten seconds to end and free its port. */
const PORT_WAIT_MS = 12_000;
const SESSIONS_WAIT_MS = 3_000;
const EMBEDDED = "postgres://embedded@127.0.0.1/postgres";

export type Launched = {
  readonly env: Env;
  /** Where a browser on this machine finds it. */
  readonly url: string;
  readonly exited: PortalProcess["exited"];
  /** The portal first, then PostgreSQL. */
  stop(): Promise<void>;
};

type Launch = {
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly args: (env: Env) => readonly string[];
  readonly onOutput?: (text: string) => void;
  readonly onStep?: (text: string) => void;
};

/** Checks the environment, starts PostgreSQL where none is given, then the portal; resolves when it is ready. */
export async function launch({
  environment,
  cwd,
  args,
  onOutput,
  onStep,
}: Launch): Promise<Launched> {
  const env = parseEnv({ ...environment, DATABASE_URL: environment.DATABASE_URL || EMBEDDED });
  await mkdir(env.SUMO_K8_DATA_DIR, { recursive: true, mode: 0o711 });
  await waitForPort(env);
  const database = environment.DATABASE_URL ? undefined : await startDatabase(env, onStep);
  const portal = spawnPortal({
    args: args(env),
    cwd,
    env: childEnvironment(environment, env, database),
    ...(onOutput && { onOutput }),
  });
  const stop = async () => {
    await endPortal(portal);
    await stopDatabase(database);
  };
  const url = `http://${hostFor(env.HOSTNAME)}:${env.PORT}`;
  try {
    await waitUntilReady(portal, url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, url, exited: portal.exited, stop };
}

async function startDatabase(env: Env, onStep: Launch["onStep"]): Promise<EmbeddedPostgres> {
  const dir = join(env.SUMO_K8_DATA_DIR, "postgres");
  onStep?.(`Starting PostgreSQL in ${dir} (DATABASE_URL is not set).`);
  return startEmbeddedPostgres(dir);
}

function childEnvironment(
  environment: NodeJS.ProcessEnv,
  env: Env,
  database: EmbeddedPostgres | undefined,
): NodeJS.ProcessEnv {
  return {
    ...environment,
    NODE_ENV: env.NODE_ENV,
    NEXT_TELEMETRY_DISABLED: "1",
    DATABASE_URL: database?.url ?? env.DATABASE_URL,
    PORT: String(env.PORT),
    HOSTNAME: env.HOSTNAME,
    SUMO_K8_DATA_DIR: env.SUMO_K8_DATA_DIR,
  };
}

/** Another portal on the same data folder may still use it; the last one stops it. */
async function stopDatabase(database: EmbeddedPostgres | undefined): Promise<void> {
  if (!database) return;
  const sql = postgres(database.url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  const isFree = await waitUntilUnused(sql).catch(() => true);
  await sql.end({ timeout: 1 });
  if (isFree) await database.stop();
}

/** The sessions of a portal that has just ended need a moment to go. */
async function waitUntilUnused(sql: postgres.Sql): Promise<boolean> {
  const limit = Date.now() + SESSIONS_WAIT_MS;
  while (Date.now() < limit) {
    const [row] = await sql<{ sessions: number }[]>`
      select count(*)::int as sessions from pg_stat_activity where application_name = 'sumo-k8'
    `;
    if (row?.sessions === 0) return true;
    await sleep(100);
  }
  return false;
}

/** 0.0.0.0 and :: are addresses to listen on, not to call. */
function hostFor(hostname: string): string {
  if (hostname === "0.0.0.0" || hostname === "::") return "127.0.0.1";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

async function waitForPort({ PORT, HOSTNAME }: Env): Promise<void> {
  const limit = Date.now() + PORT_WAIT_MS;
  while (!(await isPortFree(PORT, HOSTNAME))) {
    if (Date.now() > limit) {
      throw new Error(
        `Port ${PORT} on ${HOSTNAME} is in use. End what listens there, or set PORT.`,
      );
    }
    await sleep(250);
  }
}

export function isPortFree(port: number, hostname: string): Promise<boolean> {
  const server = createServer();
  return new Promise((done) => {
    server.once("error", () => done(false));
    server.listen({ port, host: hostname, exclusive: true }, () => server.close(() => done(true)));
  });
}

/** Runs until a signal or the portal's own end; the number is this process's exit code. */
export async function runUntilSignal(launched: Launched): Promise<number> {
  const signal = new Promise<"signal">((done) => {
    for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
      process.on(name, () => done("signal"));
  });
  const first = await Promise.race([signal, launched.exited]);
  await launched.stop();
  return first === "signal" ? 0 : Math.max(1, Number(first) || 1);
}

/** The sentence of an error and of its causes. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause ? `${error.message}\n  Cause: ${sentenceOf(error.cause)}` : error.message;
}
