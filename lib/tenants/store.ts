import { and, asc, desc, eq, gt, inArray, sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { blobs, idempotencyKeys, jobs, scenarios, tenants, uploads } from "@/lib/db/schema";
import type { Job } from "@/lib/db/schema/jobs";
import type { Tenant } from "@/lib/db/schema/tenants";
import { notFound } from "@/lib/domain/errors";
import { type JobState, OPEN_STATES } from "@/lib/domain/job-state";
import type { TenantId, TenantLimits, TenantScope } from "@/lib/domain/tenant";

/** Throws NOT_FOUND. */
export async function getTenant(db: Db, tenantId: TenantId): Promise<Tenant> {
  const [tenant] = await db.select().from(tenants).where(eq(tenants.id, tenantId));
  if (!tenant) throw notFound("Tenant");
  return tenant;
}

/** The tenant, locked until the transaction ends. Throws NOT_FOUND. */
export async function lockTenant(tx: Db, tenantId: TenantId): Promise<Tenant> {
  const [tenant] = await tx.select().from(tenants).where(eq(tenants.id, tenantId)).for("update");
  if (!tenant) throw notFound("Tenant");
  return tenant;
}

/** In the order of their ids, those after `after`. */
export async function listTenants(
  db: Db,
  { after, limit }: { after?: string | undefined; limit?: number } = {},
): Promise<Tenant[]> {
  const query = db
    .select()
    .from(tenants)
    .where(after === undefined ? undefined : gt(tenants.id, after))
    .orderBy(asc(tenants.id));
  return limit === undefined ? query : query.limit(limit);
}

/** Undefined when a tenant of that id exists. */
export async function insertTenant(
  db: Db,
  row: TenantLimits & { id: TenantId; namespace: string },
): Promise<Tenant | undefined> {
  const [tenant] = await db
    .insert(tenants)
    .values(row)
    .onConflictDoNothing({ target: tenants.id })
    .returning();
  return tenant;
}

/** Throws NOT_FOUND. */
export async function changeTenant(
  db: Db,
  tenantId: TenantId,
  change: Partial<TenantLimits> & { suspendedAt?: Date | null },
): Promise<Tenant> {
  const [tenant] = await db.update(tenants).set(change).where(eq(tenants.id, tenantId)).returning();
  if (!tenant) throw notFound("Tenant");
  return tenant;
}

export type Usage = {
  /** Jobs handed to the backend, those of `running` among them. */
  readonly active: number;
  readonly running: number;
  readonly queued: number;
  /** Of active jobs. */
  readonly cpu: number;
  readonly memoryMib: number;
};
export const NO_USAGE: Usage = { active: 0, running: 0, queued: 0, cpu: 0, memoryMib: 0 };

/** What each of these tenants uses now; one without open jobs is not in the map. Costs per open job only. */
export async function usageOf(
  db: Db,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, Usage>> {
  if (tenantIds.length === 0) return new Map();
  const active = sql`filter (where ${jobs.state} in ('PENDING', 'RUNNING'))`;
  const rows = await db
    .select({
      tenantId: jobs.tenantId,
      active: sql<number>`(count(*) ${active})::int`,
      running: sql<number>`(count(*) filter (where ${jobs.state} = 'RUNNING'))::int`,
      queued: sql<number>`(count(*) filter (where ${jobs.state} = 'QUEUED'))::int`,
      cpu: sql<number>`coalesce(sum(${jobs.cpu}) ${active}, 0)::int`,
      memoryMib: sql<number>`coalesce(sum(${jobs.memoryMib}) ${active}, 0)::int`,
    })
    .from(jobs)
    .where(and(inArray(jobs.tenantId, [...tenantIds]), inArray(jobs.state, [...OPEN_STATES])))
    .groupBy(jobs.tenantId);
  return new Map(rows.map(({ tenantId, ...usage }) => [tenantId, usage]));
}

export type RecentJob = Pick<
  Job,
  "id" | "name" | "state" | "submittedAt" | "startedAt" | "finishedAt"
>;

/** The newest jobs of a tenant, the newest first. */
export async function listRecentJobs(
  db: Db,
  scope: TenantScope,
  limit: number,
): Promise<RecentJob[]> {
  const { id, name, state, submittedAt, startedAt, finishedAt } = jobs;
  return db
    .select({ id, name, state, submittedAt, startedAt, finishedAt })
    .from(jobs)
    .where(eq(jobs.tenantId, scope.tenantId))
    .orderBy(desc(jobs.id))
    .limit(limit);
}

/** All jobs of a tenant, counted by state. */
export async function countJobs(
  db: Db,
  scope: TenantScope,
): Promise<Partial<Record<JobState, number>>> {
  const rows = await db
    .select({ state: jobs.state, n: sql<number>`count(*)::int` })
    .from(jobs)
    .where(eq(jobs.tenantId, scope.tenantId))
    .groupBy(jobs.state);
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

/** All rows of a tenant but the record of activity; attempts, lines, files and keys go with their owners. */
export async function deleteTenantRows(tx: Db, tenantId: TenantId): Promise<void> {
  for (const table of [uploads, idempotencyKeys, jobs, scenarios, blobs]) {
    await tx.delete(table).where(eq(table.tenantId, tenantId));
  }
  await tx.delete(tenants).where(eq(tenants.id, tenantId));
}
