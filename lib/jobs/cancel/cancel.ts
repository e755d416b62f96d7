import type { Database } from "@/lib/db/client";
import { isFinal } from "@/lib/domain/job-state";
import type { TenantScope } from "@/lib/domain/tenant";
import { getJob, moveJob } from "@/lib/jobs/store";
import { requestStop } from "./store";

const TRIES = 5;

/**
 * Cancels a job. One that waits is CANCELLED at once; one that runs is told to stop and keeps what it has.
 * A job that has ended, or is being cancelled, stays as it is. Throws NOT_FOUND.
 */
export async function cancelJob(
  { db }: Database,
  scope: TenantScope,
  id: string,
  now: Date,
): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const job = await getJob(db, scope, id);
    if (isFinal(job.state) || job.cancelRequestedAt) return;
    const isDone =
      job.state === "QUEUED"
        ? await moveJob(db, job, "CANCELLED", {
            reason: "CancelledByUser",
            message: "Cancelled before it started.",
            at: now,
            actor: scope.actor,
          })
        : await requestStop(db, scope, job, now);
    if (isDone) return;
  }
}
