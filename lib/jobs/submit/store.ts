import { NOTIFY_CHANNEL } from "@/lib/activity/store";
import type { Database } from "@/lib/db/client";
import type { Job, JobInput } from "@/lib/db/schema/jobs";
import type { Tenant } from "@/lib/db/schema/tenants";

/** What a submission is judged by. */
export type Standing = Pick<
  Tenant,
  "maxCpu" | "maxMemoryMib" | "maxQueuedJobs" | "maxStorageMib" | "maxRunSeconds" | "queuedJobs"
> & { readonly storedBytes: number; readonly isSuspended: boolean };

/** As of now, to say why a submission was refused. */
export async function getStanding({ sql }: Database, tenantId: string): Promise<Standing> {
  const [row] = await sql<Standing[]>`
    select max_cpu as "maxCpu", max_memory_mib as "maxMemoryMib", max_queued_jobs as "maxQueuedJobs",
      max_storage_mib as "maxStorageMib", max_run_seconds as "maxRunSeconds", queued_jobs as "queuedJobs",
      stored_bytes::float8 as "storedBytes", suspended_at is not null as "isSuspended"
    from tenants where id = ${tenantId}`;
  if (!row) throw new Error(`tenant ${tenantId} is gone`);
  return row;
}

export type Earlier = { readonly jobId: string; readonly requestHash: string };

/** The job that was submitted with this key. */
export async function findEarlier(
  { sql }: Database,
  tenantId: string,
  key: string,
): Promise<Earlier | undefined> {
  const [row] = await sql<Earlier[]>`
    select job_id as "jobId", request_hash as "requestHash" from idempotency_keys
    where tenant_id = ${tenantId} and key = ${key}`;
  return row;
}

export type NewJob = Omit<Job, "inputs" | "nameLower" | "timeLimitSeconds"> & {
  /** Null: the tenant's longest run. */
  readonly timeLimitSeconds: number | null;
};
export type Extras = {
  readonly inputPaths: readonly string[];
  readonly idempotency: { readonly key: string; readonly requestHash: string } | undefined;
};
export type Queued = { readonly inputs: JobInput[]; readonly timeLimitSeconds: number };

/**
 * The job with its labels, its key, its activity row and its signal, in one statement that holds the
 * tenant's row only for its own time. Undefined, and nothing written, when the tenant's limits refuse it. A
 * key that is taken is a unique violation, a scenario that is gone a violation of the foreign key.
 */
export async function insertJob(
  { sql }: Database,
  job: NewJob,
  { inputPaths, idempotency }: Extras,
): Promise<Queued | undefined> {
  const at = job.submittedAt.toISOString();
  const labels = JSON.stringify(job.labels);
  // The update waits for the row and then checks it as it is: the limit of queued jobs holds among submissions at once.
  const [row] = await sql<Queued[]>`
    with turn as (
      update tenants set queued_jobs = queued_jobs + 1
      where id = ${job.tenantId} and suspended_at is null and queued_jobs < max_queued_jobs
        and ${job.cpu} <= max_cpu and ${job.memoryMib} <= max_memory_mib
        and stored_bytes < max_storage_mib * 1048576::bigint
        and coalesce(${job.timeLimitSeconds}::int <= max_run_seconds, true)
      returning max_run_seconds),
    inserted as (
      insert into jobs (id, tenant_id, scenario_id, name, submitted_by, config_file, cpu, memory_mib,
        time_limit_seconds, priority, seed, begin_seconds, end_seconds, step_length_seconds, scale,
        sumo_options, labels, inputs, submitted_at)
      select ${job.id}::uuid, ${job.tenantId}, ${job.scenarioId}::uuid, ${job.name}, ${job.submittedBy}, ${job.configFile},
        ${job.cpu}, ${job.memoryMib}, coalesce(${job.timeLimitSeconds}::int, turn.max_run_seconds), ${job.priority}::smallint,
        ${job.seed}::int, ${job.beginSeconds}::float8, ${job.endSeconds}::float8, ${job.stepLengthSeconds}::float8,
        ${job.scale}::float8, ${JSON.stringify(job.sumoOptions)}::jsonb, ${labels}::jsonb,
        (select coalesce(jsonb_agg(jsonb_build_object('path', path, 'sha256', sha256, 'size_bytes', size_bytes) order by path), '[]')
         from scenario_files where scenario_id = ${job.scenarioId}::uuid and path = any(${[...inputPaths]})),
        ${at}::timestamptz
      from turn
      returning id, tenant_id, inputs, time_limit_seconds),
    labelled as (
      insert into job_labels (tenant_id, job_id, key, value)
      select i.tenant_id, i.id, l.key, l.value from inserted i, jsonb_each_text(${labels}::jsonb) l),
    keyed as (
      insert into idempotency_keys (tenant_id, key, request_hash, job_id)
      select tenant_id, ${idempotency?.key ?? null}::text, ${idempotency?.requestHash ?? null}::text, id
      from inserted where ${idempotency !== undefined}::boolean),
    recorded as (
      insert into activity (at, tenant_id, job_id, actor, action, state)
      select ${at}::timestamptz, tenant_id, id, ${job.submittedBy}::text, 'job.submitted', 'QUEUED' from inserted)
    select inputs, time_limit_seconds as "timeLimitSeconds", pg_notify(${NOTIFY_CHANNEL}, id::text) from inserted`;
  return row;
}
