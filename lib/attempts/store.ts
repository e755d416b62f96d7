import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { recordActivity } from "@/lib/activity/store";
import type { Db } from "@/lib/db/client";
import {
  attempts,
  jobs,
  logChunks,
  progressPoints,
  resultFiles,
  scenarioFiles,
  tenants,
} from "@/lib/db/schema";
import type { Attempt, Job, ResultFile } from "@/lib/db/schema/jobs";
import { type AttemptName, parseAttemptName } from "@/lib/domain/attempt";
import { OPEN_STATES } from "@/lib/domain/job-state";
import type { Progress } from "@/lib/domain/progress";

export type RunningAttempt = { readonly job: Job; readonly attempt: Attempt };

/** An attempt that the portal still wants: the present one of an open job, its log not stored away. */
export async function findRunning(db: Db, name: AttemptName): Promise<RunningAttempt | undefined> {
  const [row] = await selectRunning(db, name);
  return row;
}

/**
 * The same, locked until the transaction ends. The job's row comes first, as in every other
 * transaction on both, so that none waits for the other.
 */
export async function lockRunning(tx: Db, name: AttemptName): Promise<RunningAttempt | undefined> {
  const [row] = await selectRunning(tx, name).for("no key update");
  return row;
}

function selectRunning(db: Db, name: AttemptName) {
  const { jobId, number } = parseAttemptName(name) ?? { jobId: null, number: 0 };
  return db
    .select({ job: jobs, attempt: attempts })
    .from(jobs)
    .innerJoin(attempts, and(eq(attempts.jobId, jobs.id), eq(attempts.number, jobs.attempt)))
    .where(
      and(
        sql`${jobs.id} = ${jobId}::uuid`,
        eq(attempts.number, number),
        inArray(jobs.state, [...OPEN_STATES]),
        isNull(attempts.removedAt),
        isNull(attempts.logIndex),
      ),
    );
}

export type Chunk = typeof logChunks.$inferInsert;

export async function insertChunk(tx: Db, chunk: Chunk): Promise<void> {
  await tx.insert(logChunks).values(chunk);
}

export async function insertProgress(
  tx: Db,
  { attempt }: RunningAttempt,
  point: { seq: number; at: Date; progress: Progress },
): Promise<void> {
  await tx
    .insert(progressPoints)
    .values({ jobId: attempt.jobId, attempt: attempt.number, ...point })
    .onConflictDoNothing();
}

export async function updateAttempt(
  tx: Db,
  attempt: Attempt,
  set: Partial<Attempt>,
): Promise<void> {
  await tx
    .update(attempts)
    .set(set)
    .where(and(eq(attempts.jobId, attempt.jobId), eq(attempts.number, attempt.number)));
}

export async function updateJob(tx: Db, { id, tenantId }: Job, set: Partial<Job>): Promise<void> {
  if (Object.keys(set).length === 0) return;
  await tx
    .update(jobs)
    .set(set)
    .where(and(eq(jobs.id, id), eq(jobs.tenantId, tenantId)));
}

/** The timeline's rows of phases, with the times at which the runner entered them. */
export async function recordPhases(
  tx: Db,
  { job, attempt }: RunningAttempt,
  phases: readonly { phase: NonNullable<Attempt["phase"]>; at: Date }[],
): Promise<void> {
  await recordActivity(
    tx,
    phases.map(({ phase, at }) => ({
      at,
      tenantId: job.tenantId,
      jobId: job.id,
      attempt: attempt.number,
      actor: "runner",
      action: "job.phase",
      reason: phase,
    })),
  );
}

/** Size of an input that the attempt's scenario has; undefined for any other hash. */
export async function findInputSize(db: Db, job: Job, sha256: string): Promise<number | undefined> {
  const [row] = await db
    .select({ sizeBytes: scenarioFiles.sizeBytes })
    .from(scenarioFiles)
    .where(
      and(
        eq(scenarioFiles.scenarioId, job.scenarioId),
        eq(scenarioFiles.tenantId, job.tenantId),
        eq(scenarioFiles.sha256, sha256),
      ),
    )
    .limit(1);
  return row?.sizeBytes;
}

/** Bytes that the tenant may still store. */
export async function storageLeft(db: Db, tenantId: string): Promise<number> {
  const [row] = await db
    .select({ stored: tenants.storedBytes, limitMib: tenants.maxStorageMib })
    .from(tenants)
    .where(eq(tenants.id, tenantId));
  return row ? row.limitMib * 2 ** 20 - row.stored : 0;
}

const ROWS_AT_ONCE = 5_000;

export async function insertResultFiles(tx: Db, files: readonly ResultFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += ROWS_AT_ONCE) {
    await tx.insert(resultFiles).values(files.slice(at, at + ROWS_AT_ONCE));
  }
}

/** Counts bytes of the job for itself and for its tenant. */
export async function addStoredBytes(
  tx: Db,
  job: Pick<Job, "id" | "tenantId">,
  bytes: number,
): Promise<void> {
  await tx
    .update(jobs)
    .set({ storedBytes: sql`${jobs.storedBytes} + ${bytes}` })
    .where(and(eq(jobs.id, job.id), eq(jobs.tenantId, job.tenantId)));
  await tx
    .update(tenants)
    .set({ storedBytes: sql`${tenants.storedBytes} + ${bytes}` })
    .where(eq(tenants.id, job.tenantId));
}

export async function recordLostFiles(
  tx: Db,
  { job, attempt }: RunningAttempt,
  at: Date,
  lost: readonly { path: string; message: string }[],
): Promise<void> {
  if (lost.length === 0) return;
  await recordActivity(tx, {
    at,
    tenantId: job.tenantId,
    jobId: job.id,
    attempt: attempt.number,
    actor: "runner",
    action: "job.files_lost",
    message: `${lost.length} result ${lost.length === 1 ? "file" : "files"} could not be stored.`,
    data: { files: lost.slice(0, 100) },
  });
}
