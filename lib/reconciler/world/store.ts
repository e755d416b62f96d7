import type { Database } from "@/lib/db/client";
import type { AttemptOutcome, Job } from "@/lib/db/schema/jobs";
import type { JobReason } from "@/lib/domain/job-reason";
import { toTyped } from "@/lib/jobs/row";
import type { Contender, Waiting } from "@/lib/reconciler/admit";

export type StartedJob = {
  readonly jobId: string;
  readonly tenantId: string;
  readonly namespace: string;
  readonly state: Job["state"];
  readonly reason: JobReason | null;
  readonly message: string | null;
  readonly cpu: number;
  readonly memoryMib: number;
  readonly timeLimitSeconds: number;
  readonly cancelRequestedAt: Date | null;
  readonly attempt: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly lastReportAt: Date | null;
  readonly outcome: AttemptOutcome | null;
};

export type QueuedJob = Waiting & {
  readonly reason: JobReason | null;
  readonly message: string | null;
  readonly timeLimitSeconds: number;
};

/** An attempt that no open job wants and the backend may still hold. */
export type Leftover = {
  readonly jobId: string;
  readonly attempt: number;
  readonly namespace: string;
};

export type World = {
  readonly started: readonly StartedJob[];
  readonly queued: readonly QueuedJob[];
  readonly tenants: readonly (Omit<Contender, "usage"> & { readonly namespace: string })[];
  readonly leftovers: readonly Leftover[];
};

/** All that is open, in four queries however many jobs there are or ever were. */
export async function readWorld({ sql }: Database): Promise<World> {
  const [started, queued, tenants, leftovers] = await Promise.all([
    sql`
      select j.id as "jobId", j.tenant_id as "tenantId", t.namespace, j.state, j.reason, j.message, j.cpu,
        j.memory_mib as "memoryMib", j.time_limit_seconds as "timeLimitSeconds",
        j.cancel_requested_at as "cancelRequestedAt", a.number as "attempt", a.created_at as "createdAt",
        a.started_at as "startedAt", a.last_report_at as "lastReportAt", a.outcome
      from jobs j
      join attempts a on a.job_id = j.id and a.number = j.attempt
      join tenants t on t.id = j.tenant_id
      where j.state in ('PENDING', 'RUNNING')`,
    sql<QueuedJob[]>`
      select id, tenant_id as "tenantId", cpu, memory_mib as "memoryMib", priority, reason, message,
        time_limit_seconds as "timeLimitSeconds"
      from jobs where state = 'QUEUED'`,
    sql`
      select id, namespace, max_cpu as "maxCpu", max_memory_mib as "maxMemoryMib", max_concurrent_jobs as "maxConcurrentJobs",
        suspended_at is not null as "isSuspended", last_admitted_at as "lastAdmittedAt"
      from tenants t
      where exists (select 1 from jobs j where j.tenant_id = t.id and j.state = 'QUEUED')`,
    sql<Leftover[]>`
      select a.job_id as "jobId", a.number as "attempt", t.namespace
      from attempts a
      join jobs j on j.id = a.job_id
      join tenants t on t.id = a.tenant_id
      where a.removed_at is null and (a.number <> j.attempt or j.state not in ('PENDING', 'RUNNING'))`,
  ]);
  return {
    started: started.map((row) =>
      toTyped<StartedJob>(row, {
        instants: ["cancelRequestedAt", "createdAt", "startedAt", "lastReportAt"],
        counts: [],
      }),
    ),
    queued,
    tenants: tenants.map((row) =>
      toTyped<World["tenants"][number]>(row, { instants: ["lastAdmittedAt"], counts: [] }),
    ),
    leftovers,
  };
}
