import { and, asc, eq, exists, sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { attempts, jobs, progressPoints, resultFiles } from "@/lib/db/schema";
import type { Attempt, Job, ResultFile } from "@/lib/db/schema/jobs";
import type { Progress } from "@/lib/domain/progress";

/** A job that was read in its tenant's scope. */
type OwnJob = Pick<Job, "id" | "tenantId" | "attempt">;

export type PresentAttempt = Pick<Attempt, "manifestComplete" | "finishedAt" | "outcome">;

/** The attempt whose results count; undefined before the first. */
export async function findPresentAttempt(db: Db, job: OwnJob): Promise<PresentAttempt | undefined> {
  const [row] = await db
    .select({
      manifestComplete: attempts.manifestComplete,
      finishedAt: attempts.finishedAt,
      outcome: attempts.outcome,
    })
    .from(attempts)
    .where(
      and(
        eq(attempts.jobId, job.id),
        eq(attempts.number, job.attempt),
        eq(attempts.tenantId, job.tenantId),
      ),
    );
  return row;
}

/** Files of the present attempt, by path. */
export async function listResultFiles(db: Db, job: OwnJob): Promise<ResultFile[]> {
  const rows = await ofPresentAttempt(db, job).orderBy(asc(resultFiles.path));
  return rows.map(({ file }) => file);
}

export async function findResultFile(
  db: Db,
  job: OwnJob,
  path: string,
): Promise<ResultFile | undefined> {
  if (path.includes("\0")) return undefined; // PostgreSQL refuses it
  const [row] = await ofPresentAttempt(db, job, path);
  return row?.file;
}

function ofPresentAttempt(db: Db, job: OwnJob, path?: string) {
  return db
    .select({ file: resultFiles })
    .from(resultFiles)
    .innerJoin(jobs, eq(jobs.id, resultFiles.jobId))
    .where(
      and(
        eq(resultFiles.jobId, job.id),
        eq(resultFiles.attempt, job.attempt),
        eq(jobs.tenantId, job.tenantId),
        path === undefined ? undefined : eq(resultFiles.path, path),
      ),
    );
}

export type ProgressPoint = { readonly at: Date; readonly progress: Progress };

/** Progress of the present attempt over time: all of it, or every n-th point and the last. */
export async function listProgress(
  db: Db,
  job: OwnJob,
  maxPoints: number,
): Promise<ProgressPoint[]> {
  const owner = db
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.id, job.id), eq(jobs.tenantId, job.tenantId)));
  const numbered = db
    .select({
      at: progressPoints.at,
      progress: progressPoints.progress,
      n: sql<number>`row_number() over (order by ${progressPoints.seq}) - 1`.as("n"),
      total: sql<number>`count(*) over ()`.as("total"),
    })
    .from(progressPoints)
    .where(
      and(eq(progressPoints.jobId, job.id), eq(progressPoints.attempt, job.attempt), exists(owner)),
    )
    .as("numbered");
  const step = sql`greatest(1, ceil(${numbered.total} / ${maxPoints - 1}::numeric)::bigint)`;
  return db
    .select({ at: numbered.at, progress: numbered.progress })
    .from(numbered)
    .where(sql`${numbered.n} % ${step} = 0 or ${numbered.n} = ${numbered.total} - 1`)
    .orderBy(numbered.n);
}
