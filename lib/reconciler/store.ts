import { and, eq, inArray, sql } from "drizzle-orm";
import { NOTIFY_CHANNEL } from "@/lib/activity/store";
import type { Db } from "@/lib/db/client";
import { type Attempt, attempts, type Job, jobs } from "@/lib/db/schema/jobs";
import type { JobReason } from "@/lib/domain/job-reason";
import { rowsOf } from "@/lib/jobs/row";
import { type Fence, fenceRow } from "@/lib/jobs/store";
import type { Verdict } from "./admit";

export type Started = { readonly jobId: string; readonly attempt: number };

/**
 * QUEUED -> PENDING with its next attempt, in one statement. Undefined when the job is no longer queued or the
 * fence does not hold. The backend is told afterwards: a crash in between leaves an attempt that the next pass starts.
 */
export async function beginAttempt(
  db: Db,
  fence: Fence,
  jobId: string,
  at: Date,
): Promise<number | undefined> {
  const time = at.toISOString();
  const rows = await db.execute(sql`
    with fence as (${fenceRow(fence)}),
    moved as (
      update jobs set state = 'PENDING', reason = 'Starting', message = 'Is being started.', attempt = attempt + 1
      where id = ${jobId} and state = 'QUEUED' and exists (select 1 from fence)
      returning id, tenant_id, attempt, log_lines, cancel_requested_at),
    made as (
      insert into attempts (job_id, number, tenant_id, created_at, first_line)
      select id, attempt, tenant_id, ${time}::timestamptz, log_lines from moved),
    recorded as (
      insert into activity (at, tenant_id, job_id, attempt, actor, action, state, reason)
      select ${time}::timestamptz, tenant_id, id, attempt, 'portal', 'job.state', 'PENDING', 'Starting' from moved),
    turn as (
      update tenants t set last_admitted_at = greatest(t.last_admitted_at, ${time}::timestamptz),
        queued_jobs = greatest(0, t.queued_jobs - 1)
      from moved where t.id = moved.tenant_id)
    select attempt, pg_notify(${NOTIFY_CHANNEL}, id::text) from moved`);
  return rowsOf<{ attempt: number }>(rows)[0]?.attempt;
}

/** Notes that the backend has taken the attempt: from here on its absence means that it was lost. */
export async function markStarted(
  db: Db,
  fence: Fence,
  { jobId, attempt }: Started,
  at: Date,
): Promise<void> {
  await db.execute(sql`
    with fence as (${fenceRow(fence)})
    update attempts set started_at = coalesce(started_at, ${at.toISOString()}::timestamptz)
    where job_id = ${jobId} and number = ${attempt} and exists (select 1 from fence)`);
}

/**
 * Ends a lost attempt and makes the next one, both on the timeline. False when its outcome arrived after
 * all, or the job moved on, or the fence does not hold: then nothing changed.
 */
export async function replaceAttempt(
  db: Db,
  fence: Fence,
  lost: Started,
  what: {
    readonly reason: JobReason;
    readonly message: string;
    readonly at: Date;
    readonly now: Date;
  },
): Promise<boolean> {
  const [at, now] = [what.at.toISOString(), what.now.toISOString()];
  return db.transaction(async (tx) => {
    await tx.select({ id: jobs.id }).from(jobs).where(eq(jobs.id, lost.jobId)).for("no key update");
    const rows = await tx.execute(sql`
      with fence as (${fenceRow(fence)}),
      closed as (
        update attempts set finished_at = ${at}::timestamptz, removed_at = ${now}::timestamptz
        where job_id = ${lost.jobId} and number = ${lost.attempt} and outcome is null and exists (select 1 from fence)
        returning job_id),
      moved as (
        update jobs set state = 'PENDING', reason = ${what.reason}, message = ${what.message}, attempt = attempt + 1,
          started_at = null, progress = null
        where id = ${lost.jobId} and attempt = ${lost.attempt} and state in ('PENDING', 'RUNNING')
          and exists (select 1 from closed)
        returning id, tenant_id, attempt, log_lines),
      made as (
        insert into attempts (job_id, number, tenant_id, created_at, first_line)
        select id, attempt, tenant_id, ${now}::timestamptz, log_lines from moved),
      recorded as (
        insert into activity (at, tenant_id, job_id, attempt, actor, action, state, reason, message)
        select ${at}::timestamptz, tenant_id, id, attempt, 'portal', 'job.state', 'PENDING', ${what.reason}::text, ${what.message}::text
        from moved)
      select pg_notify(${NOTIFY_CHANNEL}, id::text) from moved`);
    return rowsOf(rows).length > 0;
  });
}

/** Why a started job waits at its backend, with a row on the timeline. */
export async function explainJob(
  db: Db,
  fence: Fence,
  { jobId, attempt }: Started,
  { reason, message }: { readonly reason: JobReason; readonly message: string | null },
  at: Date,
): Promise<void> {
  await db.execute(sql`
    with fence as (${fenceRow(fence)}),
    changed as (
      update jobs set reason = ${reason}, message = ${message}
      where id = ${jobId} and attempt = ${attempt} and state = 'PENDING' and cancel_requested_at is null
        and exists (select 1 from fence)
      returning id, tenant_id, attempt),
    recorded as (
      insert into activity (at, tenant_id, job_id, attempt, actor, action, reason, message)
      select ${at.toISOString()}::timestamptz, tenant_id, id, attempt, 'portal', 'job.waiting', ${reason}::text, ${message}::text from changed)
    select pg_notify(${NOTIFY_CHANNEL}, id::text) from changed`);
}

/** Writes why queued jobs wait, all that changed in one statement. Readers look it up; nobody is woken for it. */
export async function writeWaiting(
  db: Db,
  fence: Fence,
  changed: ReadonlyMap<string, Verdict>,
): Promise<void> {
  if (changed.size === 0) return;
  const rows = JSON.stringify([...changed].map(([id, verdict]) => ({ id, ...verdict })));
  await db.execute(sql`
    with fence as (${fenceRow(fence)})
    update jobs j set reason = v.reason, message = v.message
    from jsonb_to_recordset(${rows}::jsonb) as v(id uuid, reason text, message text)
    where j.id = v.id and j.state = 'QUEUED' and exists (select 1 from fence)`);
}

/** The backend holds it no more. */
export async function markRemoved(
  db: Db,
  fence: Fence,
  { jobId, attempt }: Started,
  at: Date,
): Promise<void> {
  await db.execute(sql`
    with fence as (${fenceRow(fence)})
    update attempts set removed_at = ${at.toISOString()}::timestamptz,
      finished_at = coalesce(finished_at, ${at.toISOString()}::timestamptz)
    where job_id = ${jobId} and number = ${attempt} and removed_at is null and exists (select 1 from fence)`);
}

/** The rows of a started job and its present attempt, as they are now. */
export async function findStarted(
  db: Db,
  { jobId, attempt }: Started,
): Promise<{ job: Job; attempt: Attempt } | undefined> {
  const [row] = await db
    .select({ job: jobs, attempt: attempts })
    .from(jobs)
    .innerJoin(attempts, and(eq(attempts.jobId, jobs.id), eq(attempts.number, jobs.attempt)))
    .where(
      and(
        eq(jobs.id, jobId),
        eq(jobs.attempt, attempt),
        inArray(jobs.state, ["PENDING", "RUNNING"]),
      ),
    );
  return row;
}
