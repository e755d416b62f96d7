import type { Database } from "@/lib/db/client";
import type { Job } from "@/lib/db/schema/jobs";
import { listTimeline } from "./store";
import { type JobEvent, toJobEvent } from "./view";

/** The timeline of a job that was read with the tenant's scope. */
export async function listEvents(
  database: Database,
  job: Pick<Job, "id" | "tenantId">,
): Promise<{ job_id: string; events: JobEvent[] }> {
  const rows = await listTimeline(database, job.tenantId, job.id);
  return { job_id: job.id, events: rows.map(toJobEvent) };
}
