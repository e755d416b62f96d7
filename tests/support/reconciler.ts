import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { and, eq } from "drizzle-orm";
import { parseEnv } from "@/lib/config/env";
import { attempts } from "@/lib/db/schema";
import type { Attempt, AttemptOutcome } from "@/lib/db/schema/jobs";
import { Hub } from "@/lib/hub";
import { createLog } from "@/lib/log";
import { createMetrics } from "@/lib/metrics";
import type { ReconcilerDeps } from "@/lib/reconciler/apply";
import { acquireLease } from "@/lib/reconciler/lease/store";
import { createReconciler } from "@/lib/reconciler/reconcile";
import { FileArtifactStore } from "@/lib/storage/file-store";
import type { TestDatabase } from "./database";
import { openTestDatabase } from "./database";
import { MemoryBackend } from "./memory-backend";

export type Bench = {
  readonly database: TestDatabase;
  readonly backend: MemoryBackend;
  readonly deps: ReconcilerDeps;
  /** One pass, with all that it began. */
  pass(): Promise<void>;
  /** What the listener writes when a runner reports or finishes. */
  say(jobId: string, number: number, set: Partial<Attempt>): Promise<void>;
  close(): Promise<void>;
};

/** A reconciler that leads, on a database and files of its own, with a backend in memory. */
export async function openReconciler(): Promise<Bench> {
  const database = await openTestDatabase();
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-reconciler-"));
  const backend = new MemoryBackend();
  const deps: ReconcilerDeps = {
    env: parseEnv({ DATABASE_URL: database.url, SUMO_K8_DATA_DIR: dir }),
    attemptSecret: "a secret of the tests",
    log: createLog("silent"),
    database,
    store: new FileArtifactStore(join(dir, "files")),
    backend,
    hub: new Hub(),
    metrics: createMetrics(),
  };
  const epoch = (await acquireLease(database, "reconciler", "test", 3_600)) ?? 0;
  const fence = { lease: "reconciler", epoch };
  const reconciler = createReconciler(deps, fence, new AbortController().signal, new Date(0));
  return {
    database,
    backend,
    deps,
    pass: async () => {
      await reconciler.pass();
      await reconciler.idle();
    },
    say: async (jobId, number, set) => {
      await database.db
        .update(attempts)
        .set(set)
        .where(and(eq(attempts.jobId, jobId), eq(attempts.number, number)));
    },
    close: async () => {
      await database.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export const SUCCEEDED: AttemptOutcome = {
  state: "SUCCEEDED",
  reason: "Completed",
  message: "The simulation ended.",
  exitCode: 0,
  signal: null,
};
