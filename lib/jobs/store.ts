import { and, eq, sql } from "drizzle-orm";
import { NOTIFY_CHANNEL } from "@/lib/activity/store";
import type { Db } from "@/lib/db/client";
import { type Job, jobs } from "@/lib/db/schema/jobs";
import { notFound } from "@/lib/domain/errors";
import type { JobReason } from "@/lib/domain/job-reason";
import { canMove, isFinal, type JobState } from "@/lib/domain/job-state";
import type { TenantScope } from "@/lib/domain/tenant";
import { rowsOf } from "./row";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A text that is no UUID names nothing, so it is missing, not invalid. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Throws NOT_FOUND for a missing job and for another tenant's alike. */
export async function getJob(db: Db, scope: TenantScope, id: string): Promise<Job> {
  const [job] = isUuid(id)
    ? await db
        .select()
        .from(jobs)
        .where(and(eq(jobs.id, id), eq(jobs.tenantId, scope.tenantId)))
    : [];
  if (!job) throw notFound("Job");
  return job;
}

/** Who leads: a write that carries it happens only while the lease has this epoch. */
export type Fence = { readonly lease: string; readonly epoch: number };

export type Move = {
  readonly reason: JobReason;
  /** A sentence for people. */
  readonly message: string | null;
  /** When it happened, never when it was noticed. */
  readonly at: Date;
  /** `key:<id>`, `runner`, `portal`. */
  readonly actor: string;
  readonly fence?: Fence;
};

type Movable = Pick<Job, "id" | "state" | "attempt">;

/**
 * Moves a job from the state that was read to another, with its activity row and its signal, in one
 * statement. False when the job is no longer what was read, or the fence does not hold: then nothing changed.
 */
export async function moveJob(db: Db, job: Movable, to: JobState, move: Move): Promise<boolean> {
  if (!canMove(job.state, to)) return false;
  const at = move.at.toISOString();
  const rows = await db.execute(sql`
    with fence as (${fenceRow(move.fence)}),
    moved as (
      update jobs set state = ${to}, reason = ${reasonOf(job, move)}, message = ${move.message}
        ${to === "RUNNING" ? sql`, started_at = ${at}::timestamptz` : sql``}
        ${isFinal(to) ? sql`, finished_at = ${at}::timestamptz` : sql``}
      where id = ${job.id} and state = ${job.state} and attempt = ${job.attempt}
        and exists (select 1 from fence)
      returning id, tenant_id, attempt, reason),
    recorded as (
      insert into activity (at, tenant_id, job_id, attempt, actor, action, state, reason, message)
      select ${at}::timestamptz, tenant_id, id, nullif(attempt, 0), ${move.actor}::text, 'job.state', ${to}::text,
        reason, ${move.message}::text from moved)${countQueued(job.state, to)}
    select pg_notify(${NOTIFY_CHANNEL}, id::text) from moved`);
  return rowsOf(rows).length > 0;
}

/** Runners and the reconciler cannot know who asked for the end; the record does. */
function reasonOf(job: Movable, { reason, actor }: Move) {
  if (reason !== "CancelledByUser") return sql`${reason}`;
  return sql`case when ${actor}::text like 'admin:%' or exists (
      select 1 from activity a where a.job_id = ${job.id} and a.action = 'job.cancel' and a.actor like 'admin:%')
    then 'CancelledByAdmin' else 'CancelledByUser' end`;
}

/** tenants.queued_jobs goes with the states, in the same statement. */
function countQueued(from: JobState, to: JobState) {
  const change = Number(to === "QUEUED") - Number(from === "QUEUED");
  if (change === 0) return sql``;
  return sql`, counted as (
      update tenants t set queued_jobs = greatest(0, t.queued_jobs + ${change}) from moved where t.id = moved.tenant_id)`;
}

/** One row while the epoch holds; the share lock keeps a takeover from slipping in before the commit. */
export function fenceRow(fence: Fence | undefined) {
  return fence
    ? sql`select 1 from leases where name = ${fence.lease} and epoch = ${fence.epoch} for share`
    : sql`select 1`;
}
