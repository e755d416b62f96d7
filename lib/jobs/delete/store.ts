import { and, eq, inArray, sql } from "drizzle-orm";
import { recordActivity } from "@/lib/activity/store";
import type { Db } from "@/lib/db/client";
import { jobs } from "@/lib/db/schema/jobs";
import { tenants } from "@/lib/db/schema/tenants";
import { FINAL_STATES } from "@/lib/domain/job-state";
import { releaseScenario } from "@/lib/scenarios/store";

/**
 * Deletes the rows of a finished job (its logs, progress and files go with it) and frees their bytes.
 * Returns the keys of stored objects that nothing uses any more; undefined when there is no such job.
 */
export async function deleteFinishedJob(
  db: Db,
  tenantId: string,
  id: string,
  actor: string,
): Promise<string[] | undefined> {
  return db.transaction(async (tx) => {
    // The tenant's row first, as submissions do: the same order of locks everywhere.
    await tx
      .select({ id: tenants.id })
      .from(tenants)
      .where(eq(tenants.id, tenantId))
      .for("no key update");
    const [gone] = await tx
      .delete(jobs)
      .where(
        and(eq(jobs.id, id), eq(jobs.tenantId, tenantId), inArray(jobs.state, [...FINAL_STATES])),
      )
      .returning();
    if (!gone) return undefined;
    await tx
      .update(tenants)
      .set({ storedBytes: sql`greatest(0, ${tenants.storedBytes} - ${gone.storedBytes})` })
      .where(eq(tenants.id, tenantId));
    await recordActivity(tx, {
      tenantId,
      jobId: id,
      actor,
      action: "job.deleted",
      data: { name: gone.name, state: gone.state },
    });
    return releaseScenario(tx, tenantId, gone.scenarioId);
  });
}
