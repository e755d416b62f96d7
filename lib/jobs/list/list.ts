import type { z } from "zod";
import type { Database } from "@/lib/db/client";
import type { TenantScope } from "@/lib/domain/tenant";
import { type JobSummary, toJobSummary } from "@/lib/jobs/view";
import { type JobListQuery, toJobFilter } from "./query";
import { listJobs } from "./store";

export type JobPage = { readonly jobs: readonly JobSummary[]; readonly next_cursor: string | null };

/** One page of the tenant's jobs, newest first. `next_cursor` is the id of its last job while there are more. */
export async function listJobsPage(
  database: Database,
  scope: TenantScope,
  query: z.infer<typeof JobListQuery>,
  options: { readonly firstGeneration?: boolean } = {},
): Promise<JobPage> {
  const rows = await listJobs(database, scope, toJobFilter(query));
  const page = rows.slice(0, query.limit);
  return {
    jobs: page.map((row) => toJobSummary(row, options)),
    next_cursor: rows.length > page.length ? (page.at(-1)?.id ?? null) : null,
  };
}
