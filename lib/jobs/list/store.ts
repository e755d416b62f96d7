import type { Database } from "@/lib/db/client";
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
export async function listJobs({ sql }: Database, scope: TenantScope, filter: JobFilter): Promise<JobSummaryRow[]> {
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
  if (filter.label) {
    const { key, value } = filter.label;
    return sql`
      select j.id from job_labels l join jobs j on j.id = l.job_id
      where l.tenant_id = ${tenantId} and l.key = ${key}
        ${value === undefined ? sql`` : sql`and l.value = ${value}`}
        and ${range(sql`l.job_id`)} ${text}
        ${filter.states ? sql`and j.state = any(${[...filter.states]})` : sql``}
      order by l.job_id desc limit ${limit}`;
  }
  if (filter.states) {
    return sql`
      select p.id from unnest(${[...filter.states]}::text[]) as wanted(state)
      cross join lateral (
        select j.id from jobs j
        where j.tenant_id = ${tenantId} and j.state = wanted.state and ${range(sql`j.id`)} ${text}
        order by j.id desc limit ${limit}) p
      order by p.id desc limit ${limit}`;
  }
  return sql`
    select j.id from jobs j where j.tenant_id = ${tenantId} and ${range(sql`j.id`)} ${text}
    order by j.id desc limit ${limit}`;
}

function textCondition(sql: Database["sql"], text: string | undefined) {
  if (!text) return sql``;
  if (isUuid(text)) return sql`and j.id = ${text}`;
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return sql`and j.name_lower like ${pattern}`;
}
