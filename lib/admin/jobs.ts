import { actingFor } from "@/lib/auth/principal";
import type { Database } from "@/lib/db/client";
import type { JobState } from "@/lib/domain/job-state";
import type { AdminScope } from "@/lib/domain/tenant";
import { cancelJob } from "@/lib/jobs/cancel/cancel";
import { countAllJobs, getAnyJob, listAllJobs } from "./store";
import { toAdminJobView } from "./view";

type Wire = { readonly firstGeneration: boolean };

type JobQuery = {
  readonly status?: JobState | undefined;
  readonly tenant?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

/** A page of all tenants' jobs, the newest first, with the number of all that match. */
export async function pageOfAllJobs(
  { db }: Database,
  admin: AdminScope,
  { status, tenant, cursor, limit }: JobQuery,
  wire: Wire,
) {
  const filter = { status, tenant };
  const [found, total] = await Promise.all([
    listAllJobs(db, admin, { ...filter, before: cursor, limit: limit + 1 }),
    countAllJobs(db, admin, filter),
  ]);
  const page = found.slice(0, limit);
  return {
    jobs: page.map((job) => toAdminJobView(job, wire)),
    total,
    next_cursor: found.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/** As the tenant itself would cancel it, in the administrator's name. Throws NOT_FOUND. */
export async function cancelAnyJob(
  database: Database,
  admin: AdminScope,
  jobId: string,
  now: Date,
  wire: Wire,
) {
  const job = await getAnyJob(database.db, admin, jobId);
  await cancelJob(database, actingFor(admin, job.tenantId), jobId, now);
  return toAdminJobView(await getAnyJob(database.db, admin, jobId), wire);
}
