import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { idempotencyKeys, jobs } from "@/lib/db/schema/jobs";
import { scenarios } from "@/lib/db/schema/scenarios";
import { tenants } from "@/lib/db/schema/tenants";
import { rowsOf } from "@/lib/jobs/row";
import { releaseScenario } from "@/lib/scenarios/store";

const BATCH = 500;

export type Owned = { readonly id: string; readonly tenantId: string };

/** Finished jobs past their tenant's retention. */
export async function listExpiredJobs(db: Db, now: Date): Promise<Owned[]> {
  return db
    .select({ id: jobs.id, tenantId: jobs.tenantId })
    .from(jobs)
    .innerJoin(tenants, eq(tenants.id, jobs.tenantId))
    .where(
      and(
        isNotNull(jobs.finishedAt),
        sql`${jobs.finishedAt} < ${now.toISOString()}::timestamptz - make_interval(days => ${tenants.retentionDays})`,
      ),
    )
    .orderBy(jobs.finishedAt)
    .limit(BATCH);
}

/** Lets go of a scenario unless a job took it meanwhile; returns the keys for removeFreed. */
export async function dropScenario(db: Db, { id, tenantId }: Owned): Promise<string[]> {
  return db.transaction(async (tx) => {
    await lockTenant(tx, tenantId);
    await tx
      .update(scenarios)
      .set({ kept: false })
      .where(and(eq(scenarios.id, id), eq(scenarios.tenantId, tenantId)));
    return releaseScenario(tx, tenantId, id);
  });
}

/** A key is honoured for a day. */
export async function deleteOldIdempotencyKeys(db: Db, now: Date): Promise<void> {
  await db
    .delete(idempotencyKeys)
    .where(
      sql`${idempotencyKeys.createdAt} < ${now.toISOString()}::timestamptz - interval '24 hours'`,
    );
}

export async function listTenantIds(db: Db): Promise<string[]> {
  return (await db.select({ id: tenants.id }).from(tenants)).map(({ id }) => id);
}

/** Counts a tenant's stored bytes and queued jobs anew. True when a count had drifted. */
export async function recount(db: Db, tenantId: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockTenant(tx, tenantId); // in a statement of its own, so that the sum sees what was committed before
    const rows = await tx.execute(sql`
      with actual as (
        select coalesce((select sum(size_bytes) from blobs where tenant_id = ${tenantId}), 0)
          + coalesce((select sum(stored_bytes) from jobs where tenant_id = ${tenantId}), 0) as bytes,
          (select count(*) from jobs where tenant_id = ${tenantId} and state = 'QUEUED') as queued)
      update tenants set stored_bytes = actual.bytes, queued_jobs = actual.queued from actual
      where id = ${tenantId} and (stored_bytes <> actual.bytes or queued_jobs <> actual.queued) returning 1`);
    return rowsOf(rows).length > 0;
  });
}

async function lockTenant(tx: Db, tenantId: string): Promise<void> {
  await tx
    .select({ id: tenants.id })
    .from(tenants)
    .where(eq(tenants.id, tenantId))
    .for("no key update");
}
