import type { Database } from "@/lib/db/client";
import { isFinal } from "@/lib/domain/job-state";
import type { TenantScope } from "@/lib/domain/tenant";
import { toTyped } from "@/lib/jobs/row";
import { isUuid } from "@/lib/jobs/store";
import type { JobSummaryRow } from "@/lib/jobs/view";
import type { JobFilter } from "./query";

const FIRST_ID = "00000000-0000-0000-0000-000000000000";
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const COLUMNS = {
  instants: ["submittedAt", "startedAt", "finishedAt", "cancelRequestedAt"],
  counts: ["logLines", "storedBytes"],
} as const;

/** The tenant's jobs that match, newest first; one more than the limit when there are more. */
export async function listJobs(
  { sql }: Database,
  scope: TenantScope,
  filter: JobFilter,
): Promise<JobSummaryRow[]> {
  const rows = await sql`
    select j.id, j.tenant_id as "tenantId", j.name, j.config_file as "configFile", j.cpu, j.memory_mib as "memoryMib",
      j.time_limit_seconds as "timeLimitSeconds", j.priority, j.seed, j.labels, j.state, j.reason, j.message, j.attempt,
      j.cancel_requested_at as "cancelRequestedAt", j.submitted_at as "submittedAt", j.started_at as "startedAt",
      j.finished_at as "finishedAt", j.progress, j.kpis, j.log_lines as "logLines", j.stored_bytes as "storedBytes"
    from (${matchingIds(sql, scope.tenantId, filter)}) m
    join jobs j on j.id = m.id
    order by j.id desc`;
  return rows.map((row) => toTyped<JobSummaryRow>(row, COLUMNS));
}

/** Each branch walks an index that is in order of ids, so it stops at the limit. */
function matchingIds(sql: Database["sql"], tenantId: string, filter: JobFilter) {
  const limit = filter.limit + 1;
  const range = (id: ReturnType<typeof sql>) =>
    sql`${id} >= ${filter.fromId ?? FIRST_ID}::uuid and ${id} < ${filter.beforeId ?? LAST_ID}::uuid`;
  const text = textCondition(sql, filter.text);
  const { label, states } = filter;
  if (label && !isOpenOnly(states)) {
    return sql`
      select j.id from job_labels l join jobs j on j.id = l.job_id
      where l.tenant_id = ${tenantId} and ${labelCondition(sql, label)} and ${range(sql`l.job_id`)} ${text}
        ${states ? sql`and j.state = any(${[...states]})` : sql``}
      order by l.job_id desc limit ${limit}`;
  }
  if (states) {
    // An equality would let the planner walk the primary key instead, past every job of the other states.
    const labelled = label
      ? sql`and exists (select 1 from job_labels l where l.job_id = j.id and ${labelCondition(sql, label)})`
      : sql``;
    return sql`
      select p.id from unnest(${[...states]}::text[]) as wanted(state)
      cross join lateral (
        select j.id from jobs j
        where j.tenant_id = ${tenantId} and j.state between wanted.state and wanted.state
          and ${range(sql`j.id`)} ${text} ${labelled}
        order by j.state desc, j.id desc limit ${limit}) p
      order by p.id desc limit ${limit}`;
  }
  return sql`
    select j.id from jobs j where j.tenant_id = ${tenantId} and ${range(sql`j.id`)} ${text}
    order by j.id desc limit ${limit}`;
}

/** Open jobs are few however many jobs there are, so their index is the one to walk. */
function isOpenOnly(states: JobFilter["states"]): boolean {
  return states?.every((state) => !isFinal(state)) ?? false;
}

function labelCondition(sql: Database["sql"], { key, value }: NonNullable<JobFilter["label"]>) {
  return value === undefined ? sql`l.key = ${key}` : sql`l.key = ${key} and l.value = ${value}`;
}

function textCondition(sql: Database["sql"], text: string | undefined) {
  if (!text) return sql``;
  if (isUuid(text)) return sql`and j.id = ${text}`;
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return sql`and j.name_lower like ${pattern}`;
}
