import type { Database } from "@/lib/db/client";
import type { JobState } from "@/lib/domain/job-state";
import type { Progress } from "@/lib/domain/progress";
import { toTyped } from "@/lib/jobs/row";
import type { TimelineRow } from "./view";

/** All that happened to a job, in the order in which it happened. The caller has checked that it is the tenant's. */
export async function listTimeline(
  { sql }: Database,
  tenantId: string,
  jobId: string,
): Promise<TimelineRow[]> {
  const rows = await sql`
    select id, at, actor, action, state, reason, message, attempt
    from activity where job_id = ${jobId} and tenant_id = ${tenantId}
    order by at, id`;
  return rows.map((row) => toTyped<TimelineRow>(row, { instants: ["at"], counts: ["id"] }));
}

export type Moment = {
  readonly state: JobState;
  readonly progress: Progress | null;
  /** Grows with each row of the timeline. */
  readonly newest: number;
};

/** What may have changed for a reader of events; undefined when the job was deleted. */
export async function findMoment(
  { sql }: Database,
  tenantId: string,
  jobId: string,
): Promise<Moment | undefined> {
  const [row] = await sql`
    select state, progress, (select count(*) from activity where job_id = j.id) as newest
    from jobs j where id = ${jobId} and tenant_id = ${tenantId}`;
  return row && toTyped<Moment>(row, { instants: [], counts: ["newest"] });
}
