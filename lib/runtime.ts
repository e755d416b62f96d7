import { availableParallelism } from "node:os";
import { attemptSecretIn } from "@/lib/attempts/secret";
import { type Env, parseEnv } from "@/lib/config/env";
import { type Database, openDatabase } from "@/lib/db/client";
import type { ExecutionBackend } from "@/lib/execution/backend";
import { LocalBackend } from "@/lib/execution/local/backend";
import { createRateLimit, type RateLimit } from "@/lib/http/rate-limit";
import { Hub } from "@/lib/hub";
import { createLog, type Logger } from "@/lib/log";
import { LogFeeds } from "@/lib/logs/follow";
import { createMetrics, type Metrics } from "@/lib/metrics";
import { pathIn } from "@/lib/path-in";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { FileArtifactStore } from "@/lib/storage/file-store";

export type Runtime = {
  readonly env: Env;
  /** Signs attempt tokens; the same for all portals of one data folder. */
  readonly attemptSecret: string;
  readonly log: Logger;
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly backend: ExecutionBackend;
  readonly hub: Hub;
  readonly logFeeds: LogFeeds;
  readonly metrics: Metrics;
  readonly rateLimit: RateLimit;
  /** Refused keys and guesses at ADMIN_KEY, by address. */
  readonly refusalLimit: RateLimit;
  readonly readiness: Readiness;
};

/** What GET /ready waits for. Each becomes true once and stays so. */
export type Readiness = { migrated: boolean; backendSeen: boolean };

/** Guesses count twenty times as much as requests. */
const REFUSAL_WEIGHT = 20;
const KEY = Symbol.for("sumo-k8.runtime");
const holder = globalThis as { [KEY]?: Runtime };

/** Routes and instrumentation are separate bundles; only globalThis is shared by both. */
export function runtime(): Runtime {
  holder[KEY] ??= build(parseEnv(process.env));
  return holder[KEY];
}

function build(env: Env): Runtime {
  const log = createLog(env.LOG_LEVEL);
  const database = openDatabase(env.DATABASE_URL);
  const store = new FileArtifactStore(pathIn(env.SUMO_K8_DATA_DIR, "files"));
  const hub = new Hub();
  return {
    env,
    attemptSecret: env.RUNNER_SECRET ?? attemptSecretIn(env.SUMO_K8_DATA_DIR),
    log,
    database,
    store,
    backend: createBackend(env),
    hub,
    logFeeds: new LogFeeds({ database, store, hub, log }),
    metrics: createMetrics(),
    rateLimit: createRateLimit(env.RATE_LIMIT_PER_MINUTE),
    refusalLimit: createRateLimit(Math.ceil(env.RATE_LIMIT_PER_MINUTE / REFUSAL_WEIGHT)),
    readiness: { migrated: false, backendSeen: false },
  };
}

function createBackend(env: Env): ExecutionBackend {
  switch (env.EXECUTION_BACKEND) {
    case "local":
      return new LocalBackend({
        dir: pathIn(env.SUMO_K8_DATA_DIR, "runs"),
        listenersDir: pathIn(env.SUMO_K8_DATA_DIR, "listeners"),
        sumoBinary: env.SUMO_BINARY,
        sumoHome: env.SUMO_HOME,
        capacity: availableParallelism(),
      });
    default:
      return env.EXECUTION_BACKEND satisfies never;
  }
}
