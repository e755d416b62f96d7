import type { TransactionSql } from "postgres";
import { NOTIFY_CHANNEL } from "@/lib/activity/store";
import type { JobInput, Job } from "@/lib/db/schema/jobs";
import type { Tenant } from "@/lib/db/schema/tenants";

/** What a submission is judged by, read under the lock of the tenant's row. */
export type Standing = Pick<
  Tenant,
  "maxCpu" | "maxMemoryMib" | "maxQueuedJobs" | "maxStorageMib" | "maxRunSeconds"
> & {
  readonly storedBytes: number;
  readonly isSuspended: boolean;
  readonly queued: number;
  /** Queued jobs that come before one of this priority. */
  readonly ahead: number;
  readonly earlier: { readonly jobId: string; readonly requestHash: string } | undefined;
};

type StandingRow = Omit<Standing, "earlier" | "storedBytes"> & {
  storedBytes: string;
  earlierJob: string | null;
  earlierHash: string | null;
};

/** Locks the tenant's row until the end of the transaction, so that limits hold among concurrent submissions. */
export async function lockStanding(
  tx: TransactionSql,
  tenantId: string,
  priority: number,
  idempotencyKey: string | undefined,
): Promise<Standing> {
  // Two statements sent as one: the second must see what was committed while the first waited.
  const [, rows] = await Promise.all([
    tx`select 1 from tenants where id = ${tenantId} for no key update`,
    tx<StandingRow[]>`
      select max_cpu as "maxCpu", max_memory_mib as "maxMemoryMib", max_queued_jobs as "maxQueuedJobs",
        max_storage_mib as "maxStorageMib", max_run_seconds as "maxRunSeconds", stored_bytes as "storedBytes",
        suspended_at is not null as "isSuspended", q.queued, q.ahead,
        k.job_id as "earlierJob", k.request_hash as "earlierHash"
      from tenants t
      cross join lateral (
        select count(*)::int as queued, (count(*) filter (where priority >= ${priority}))::int as ahead
        from jobs where tenant_id = t.id and state = 'QUEUED') q
      left join idempotency_keys k on k.tenant_id = t.id and k.key = ${idempotencyKey ?? null}
      where t.id = ${tenantId}`,
  ]);
  const row = rows[0];
  if (!row) throw new Error(`tenant ${tenantId} is gone`);
  const { earlierJob, earlierHash, storedBytes, ...rest } = row;
  return {
    ...rest,
    storedBytes: Number(storedBytes),
    earlier: earlierJob && earlierHash ? { jobId: earlierJob, requestHash: earlierHash } : undefined,
  };
}

export type NewJob = Omit<Job, "inputs" | "nameLower">;
type Extras = {
  readonly inputPaths: readonly string[];
  readonly idempotency: { readonly key: string; readonly requestHash: string } | undefined;
};

/** The job with its labels, its key, its activity row and its signal, in one statement. Returns its inputs. */
export async function insertJob(tx: TransactionSql, job: NewJob, extras: Extras): Promise<JobInput[]> {
  const at = job.submittedAt.toISOString();
  const labels = JSON.stringify(job.labels);
  const [row] = await tx<{ inputs: JobInput[] }[]>`
    with inserted as (
      insert into jobs (id, tenant_id, scenario_id, name, submitted_by, config_file, cpu, memory_mib,
        time_limit_seconds, priority, seed, begin_seconds, end_seconds, step_length_seconds, scale,
        sumo_options, labels, inputs, submitted_at)
      values (${job.id}, ${job.tenantId}, ${job.scenarioId}, ${job.name}, ${job.submittedBy}, ${job.configFile},
        ${job.cpu}, ${job.memoryMib}, ${job.timeLimitSeconds}, ${job.priority}, ${job.seed}, ${job.beginSeconds},
        ${job.endSeconds}, ${job.stepLengthSeconds}, ${job.scale}, ${JSON.stringify(job.sumoOptions)}::jsonb,
        ${labels}::jsonb,
        (select coalesce(jsonb_agg(jsonb_build_object('path', path, 'sha256', sha256, 'size_bytes', size_bytes) order by path), '[]')
         from scenario_files where scenario_id = ${job.scenarioId} and path = any(${[...extras.inputPaths]})),
        ${at}::timestamptz)
      returning id, tenant_id, inputs),
    labelled as (
      insert into job_labels (tenant_id, job_id, key, value)
      select i.tenant_id, i.id, l.key, l.value from inserted i, jsonb_each_text(${labels}::jsonb) l),
    keyed as (
      insert into idempotency_keys (tenant_id, key, request_hash, job_id)
      select tenant_id, ${extras.idempotency?.key ?? null}::text, ${extras.idempotency?.requestHash ?? null}::text, id
      from inserted where ${extras.idempotency !== undefined}::boolean),
    recorded as (
      insert into activity (at, tenant_id, job_id, actor, action, state)
      select ${at}::timestamptz, tenant_id, id, ${job.submittedBy}::text, 'job.submitted', 'QUEUED' from inserted)
    select inputs, pg_notify(${NOTIFY_CHANNEL}, id::text) from inserted`;
  return row?.inputs ?? [];
}
