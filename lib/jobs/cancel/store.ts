import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { notifyJob, recordActivity } from "@/lib/activity/store";
import type { Db } from "@/lib/db/client";
import { attempts, type Job, jobs } from "@/lib/db/schema/jobs";
import type { TenantScope } from "@/lib/domain/tenant";

/** Marks a started job and its attempt to be stopped. False when the job is no longer what was read. */
export async function requestStop(
  db: Db,
  scope: TenantScope,
  job: Pick<Job, "id" | "state" | "attempt">,
  at: Date,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [marked] = await tx
      .update(jobs)
      .set({
        cancelRequestedAt: at,
        reason: "Cancelling",
        message: "Is being stopped; what it has so far is kept.",
      })
      .where(
        and(
          eq(jobs.id, job.id),
          eq(jobs.tenantId, scope.tenantId),
          inArray(jobs.state, ["PENDING", "RUNNING"]),
          isNull(jobs.cancelRequestedAt),
        ),
      )
      .returning({ attempt: jobs.attempt, state: jobs.state });
    if (!marked) return false;
    await tx
      .update(attempts)
      .set({
        stopRequestedAt: sql`coalesce(${attempts.stopRequestedAt}, ${at.toISOString()}::timestamptz)`,
      })
      .where(and(eq(attempts.jobId, job.id), eq(attempts.number, marked.attempt)));
    await recordActivity(tx, {
      at,
      tenantId: scope.tenantId,
      jobId: job.id,
      attempt: marked.attempt,
      actor: scope.actor,
      action: "job.cancel",
      state: marked.state,
      reason: "Cancelling",
    });
    await notifyJob(tx, job.id);
    return true;
  });
}
