import type { Database } from "@/lib/db/client";
import type { Job } from "@/lib/db/schema/jobs";
import { notFound } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import { toTyped } from "@/lib/jobs/row";
import { isUuid } from "@/lib/jobs/store";
import { type JobDetail, type JobView, toJobView } from "@/lib/jobs/view";

const MAX_RESULT_NAMES = 1_000;
const COLUMNS = {
  instants: ["submittedAt", "startedAt", "finishedAt", "cancelRequestedAt"],
  counts: ["logLines", "storedBytes"],
} as const;

/** One job with its attempt, queue position and record, in one prepared query: this is what scripts poll. */
export async function getJobView(
  { sql }: Database,
  scope: TenantScope,
  id: string,
  options: { readonly firstGeneration?: boolean },
): Promise<JobView> {
  if (!isUuid(id)) throw notFound("Job");
  const [row] = await sql`
    select j.id, j.tenant_id as "tenantId", j.scenario_id as "scenarioId", j.name, j.config_file as "configFile",
      j.cpu, j.memory_mib as "memoryMib", j.time_limit_seconds as "timeLimitSeconds", j.priority, j.seed,
      j.begin_seconds as "beginSeconds", j.end_seconds as "endSeconds", j.step_length_seconds as "stepLengthSeconds",
      j.scale, j.sumo_options as "sumoOptions", j.labels, j.inputs, j.state, j.reason, j.message, j.attempt,
      j.cancel_requested_at as "cancelRequestedAt", j.submitted_at as "submittedAt", j.started_at as "startedAt",
      j.finished_at as "finishedAt", j.progress, j.kpis, j.log_lines as "logLines", j.stored_bytes as "storedBytes",
      a.phase, a.command, a.sumo_version as "sumoVersion", s.archive_sha256 as "scenarioSha256",
      case when j.state = 'QUEUED' then (
        select 1 + count(*)::int from jobs o
        where o.tenant_id = j.tenant_id and o.state = 'QUEUED'
          and (o.priority > j.priority or (o.priority = j.priority and o.id < j.id))) end as "queuePosition",
      case when j.finished_at is not null then array(
        select path from result_files f where f.job_id = j.id and f.attempt = j.attempt
        order by path limit ${MAX_RESULT_NAMES}) end as "resultFiles"
    from jobs j
    join scenarios s on s.id = j.scenario_id
    left join attempts a on a.job_id = j.id and a.number = j.attempt
    where j.id = ${id} and j.tenant_id = ${scope.tenantId}`;
  if (!row) throw notFound("Job");
  const job = toTyped<Omit<Job, "nameLower"> & JobDetail>(row, COLUMNS);
  return toJobView(job, { ...options, ...job, resultFiles: job.resultFiles ?? [] });
}
