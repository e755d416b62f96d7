import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Portal } from "@/lib/attempts/call";
import { attemptToken } from "@/lib/attempts/token";
import { parseEnv } from "@/lib/config/env";
import { attempts, jobs, scenarioFiles, scenarios, tenants } from "@/lib/db/schema";
import type { Job } from "@/lib/db/schema/jobs";
import { type AttemptName, attemptName } from "@/lib/domain/attempt";
import type { LogLine, Report } from "@/lib/domain/runner-protocol";
import { Hub } from "@/lib/hub";
import { createLog } from "@/lib/log";
import { createMetrics } from "@/lib/metrics";
import { FileArtifactStore } from "@/lib/storage/file-store";
import { openTestDatabase, type TestDatabase } from "./database";

export type PortalParts = Portal & { readonly database: TestDatabase; dispose(): Promise<void> };

/** What a portal's listener and logs need: a database and a data folder of their own. */
export async function openPortalParts(): Promise<PortalParts> {
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-attempts-"));
  const database = await openTestDatabase();
  return {
    ...portalParts(database, dir),
    database,
    dispose: async () => {
      await database.close();
      await rm(dir, { recursive: true });
    },
  };
}

/** Another portal on the same database and data folder. */
export function portalParts(database: TestDatabase, dir: string): Portal {
  return {
    env: parseEnv({ DATABASE_URL: database.url, SUMO_K8_DATA_DIR: dir }),
    attemptSecret: "the secret of the tests",
    database,
    store: new FileArtifactStore(join(dir, "files")),
    hub: new Hub(),
    metrics: createMetrics(),
    log: createLog("error"),
  };
}

export type TestAttempt = { readonly job: Job; readonly name: AttemptName; readonly token: string };

/** A job that was handed to a backend, with its first attempt: rows as the reconciler writes them. */
export async function insertAttempt(
  portal: Portal,
  options: {
    maxStorageMib?: number;
    inputs?: { path: string; sha256: string; sizeBytes: number }[];
  } = {},
): Promise<TestAttempt> {
  const { db } = portal.database;
  const tenantId = `t-${randomUUID()}`;
  const scenarioId = randomUUID();
  const jobId = randomUUID();
  await db.insert(tenants).values({
    id: tenantId,
    namespace: tenantId,
    maxCpu: 8,
    maxMemoryMib: 8_192,
    maxConcurrentJobs: 4,
    maxQueuedJobs: 100,
    maxStorageMib: options.maxStorageMib ?? 100_000,
    maxRunSeconds: 3_600,
    retentionDays: 30,
  });
  await db.insert(scenarios).values({
    id: scenarioId,
    tenantId,
    archiveSha256: scenarioId,
    archiveBytes: 1,
    fileName: "a.zip",
    fileCount: 1,
    unpackedBytes: 1,
    configs: [],
    findings: [],
    kept: false,
  });
  const inputs = (options.inputs ?? []).map((input) => ({ ...input, scenarioId, tenantId }));
  if (inputs.length > 0) await db.insert(scenarioFiles).values(inputs);
  const [job] = await db
    .insert(jobs)
    .values({
      id: jobId,
      tenantId,
      scenarioId,
      name: "test",
      submittedBy: "key:test",
      configFile: "a.sumocfg",
      cpu: 1,
      memoryMib: 512,
      timeLimitSeconds: 600,
      seed: 7,
      state: "PENDING",
      reason: "Starting",
      attempt: 1,
    })
    .returning();
  if (!job) throw new Error("no job was inserted");
  await db.insert(attempts).values({ jobId, number: 1, tenantId, firstLine: 0 });
  const name = attemptName(jobId, 1);
  return { job, name, token: attemptToken(portal.attemptSecret, name) };
}

/** A runner's side of the protocol, one call at a time. */
export function runnerClient(url: string, token: string) {
  const call = (
    method: string,
    path: string,
    init: { body?: BodyInit; headers?: Record<string, string> } = {},
  ) =>
    fetch(`${url}/v1/${path}`, {
      method,
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
  const post = (path: string, body: unknown) => call("POST", path, { body: JSON.stringify(body) });
  return {
    call,
    report: (report: Partial<Report>) => post("report", toReport(report)),
    finish: (finish: unknown) => post("finish", finish),
    put: (path: string, offset: number, content: Uint8Array<ArrayBuffer>) =>
      call("PUT", `files/${encodePath(path)}`, {
        body: content,
        headers: { "upload-offset": String(offset) },
      }),
    offset: async (path: string) => {
      const { headers } = await call("HEAD", `files/${encodePath(path)}`);
      return Number(headers.get("upload-offset"));
    },
  };
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

export function toReport(report: Partial<Report>): Report {
  return {
    seq: 1,
    at: new Date().toISOString(),
    phases: [],
    progress: null,
    first_line: 0,
    lines: [],
    sumo_version: null,
    command: null,
    ...report,
  };
}

/** Lines `first` to `first + count - 1`; each tells its number, every 50th warns and every 1000th is an error. */
export function makeLines(first: number, count: number): LogLine[] {
  return Array.from({ length: count }, (_, index): LogLine => {
    const n = first + index;
    if (n % 1_000 === 999) return [1_700_000_000_000 + n, "stderr", "error", `Error: line ${n}`];
    if (n % 50 === 49) return [1_700_000_000_000 + n, "stderr", "warning", `Warning: line ${n}`];
    return [1_700_000_000_000 + n, "stdout", "info", `line ${n}`];
  });
}

/** For a test's look at rows: outside of store.ts the product writes no SQL. */
export { eq } from "drizzle-orm";
