import { and, desc, eq, getTableColumns, inArray, lt, type SQL, sql } from "drizzle-orm";
import type { Database, Db } from "@/lib/db/client";
import { activity, jobs, tenants } from "@/lib/db/schema";
import type { Activity } from "@/lib/db/schema/activity";
import type { Job } from "@/lib/db/schema/jobs";
import { notFound } from "@/lib/domain/errors";
import type { JobState } from "@/lib/domain/job-state";
import type { AdminScope } from "@/lib/domain/tenant";
import { isUuid } from "@/lib/jobs/store";
import type { Load } from "./node-view";
import { type Bucket, firstInterval, INTERVAL_SECONDS } from "./series";

export type JobOfTenant = Job & { readonly namespace: string };

export type JobFilter = {
  readonly status?: JobState | undefined;
  readonly tenant?: string | undefined;
};

const JOB_OF_TENANT = { ...getTableColumns(jobs), namespace: tenants.namespace };

/** The newest first; `before` is the id of the last job of the page before. */
export async function listAllJobs(
  db: Db,
  _admin: AdminScope,
  filter: JobFilter & { before?: string | undefined; limit: number },
): Promise<JobOfTenant[]> {
  return db
    .select(JOB_OF_TENANT)
    .from(jobs)
    .innerJoin(tenants, eq(tenants.id, jobs.tenantId))
    .where(and(matching(filter), filter.before ? lt(jobs.id, filter.before) : undefined))
    .orderBy(desc(jobs.id))
    .limit(filter.limit);
}

export async function countAllJobs(db: Db, _admin: AdminScope, filter: JobFilter): Promise<number> {
  return db.$count(jobs, matching(filter));
}

/** Throws NOT_FOUND. */
export async function getAnyJob(db: Db, _admin: AdminScope, jobId: string): Promise<JobOfTenant> {
  const rows = isUuid(jobId)
    ? await db
        .select(JOB_OF_TENANT)
        .from(jobs)
        .innerJoin(tenants, eq(tenants.id, jobs.tenantId))
        .where(eq(jobs.id, jobId))
    : [];
  if (!rows[0]) throw notFound("Job");
  return rows[0];
}

function matching({ status, tenant }: JobFilter): SQL | undefined {
  return and(
    status === undefined ? undefined : eq(jobs.state, status),
    tenant === undefined ? undefined : eq(jobs.tenantId, tenant),
  );
}

export async function countJobsByState(
  db: Db,
  _admin: AdminScope,
): Promise<Partial<Record<JobState, number>>> {
  const rows = await db
    .select({ state: jobs.state, n: sql<number>`count(*)::int` })
    .from(jobs)
    .groupBy(jobs.state);
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

/** What the jobs ask for that are handed to the backend. */
export async function getLoad(db: Db, _admin: AdminScope): Promise<Load> {
  const [load] = await db
    .select({
      jobs: sql<number>`(count(*) filter (where ${jobs.state} = 'RUNNING'))::int`,
      cpu: sql<number>`coalesce(sum(${jobs.cpu}), 0)::int`,
      memoryMib: sql<number>`coalesce(sum(${jobs.memoryMib}), 0)::int`,
    })
    .from(jobs)
    .where(inArray(jobs.state, ["PENDING", "RUNNING"]));
  return load ?? { jobs: 0, cpu: 0, memoryMib: 0 };
}

/** The newest first; `before` is the id of the last entry that was read. */
export async function listActivity(
  db: Db,
  _admin: AdminScope,
  filter: { tenant?: string | undefined; before?: number | undefined; limit: number },
): Promise<Activity[]> {
  return db
    .select()
    .from(activity)
    .where(
      and(
        filter.tenant === undefined ? undefined : eq(activity.tenantId, filter.tenant),
        filter.before === undefined ? undefined : lt(activity.id, filter.before),
      ),
    )
    .orderBy(desc(activity.id))
    .limit(filter.limit);
}

/**
 * Events of the last 24 hours by interval. A job's first change in that time is compared with its last
 * one before, so that a job which waited for days is counted when it leaves the queue.
 */
export async function listBuckets(
  { sql: query }: Database,
  _admin: AdminScope,
  now: Date,
): Promise<Bucket[]> {
  // A text: drizzle takes the conversion of times out of the driver that it shares.
  const since = new Date(firstInterval(now) * INTERVAL_SECONDS * 1_000).toISOString();
  return query<Bucket[]>`
    with changes as (
      select id, at, job_id, action, state, lag(state) over (partition by job_id order by id) as before
      from activity where at >= ${since} and job_id is not null and state is not null
    ), steps as (
      select at, job_id, action, state, case
        when before is not null or action = 'job.submitted' then before
        else (select p.state from activity p where p.job_id = c.job_id and p.id < c.id
          and p.state is not null order by p.id desc limit 1) end as before
      from changes c
    )
    select floor(extract(epoch from s.at) / ${INTERVAL_SECONDS})::int as index,
      (count(*) filter (where s.action = 'job.submitted'))::int as submitted,
      (count(*) filter (where s.state in ('SUCCEEDED', 'FAILED', 'CANCELLED')))::int as finished,
      (count(*) filter (where s.state = 'QUEUED' and s.before is distinct from 'QUEUED')
        - count(*) filter (where s.state <> 'QUEUED' and s.before = 'QUEUED'))::int as "queueChange",
      percentile_cont(0.5) within group (order by extract(epoch from s.at - j.submitted_at))
        filter (where s.state = 'RUNNING') as "waitSecondsMedian",
      percentile_cont(0.95) within group (order by extract(epoch from s.at - j.submitted_at))
        filter (where s.state = 'RUNNING') as "waitSecondsP95"
    from steps s left join jobs j on j.id = s.job_id
    group by 1`;
}
