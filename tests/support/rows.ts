import { and, eq } from "drizzle-orm";
import type { Database } from "@/lib/db/client";
import { activity, attempts, jobs, logChunks, scenarios, tenants } from "@/lib/db/schema";
import type { Activity } from "@/lib/db/schema/activity";
import type { Attempt, Job } from "@/lib/db/schema/jobs";
import type { Scenario } from "@/lib/db/schema/scenarios";
import type { Tenant } from "@/lib/db/schema/tenants";

/** Rows as they are, for tests: no scope, no checks. */
export async function jobRow({ db }: Database, id: string): Promise<Job | undefined> {
  return (await db.select().from(jobs).where(eq(jobs.id, id)))[0];
}

export async function attemptRow(
  { db }: Database,
  jobId: string,
  number = 1,
): Promise<Attempt | undefined> {
  const where = and(eq(attempts.jobId, jobId), eq(attempts.number, number));
  return (await db.select().from(attempts).where(where))[0];
}

export async function activityOf({ db }: Database, jobId: string): Promise<Activity[]> {
  return db.select().from(activity).where(eq(activity.jobId, jobId)).orderBy(activity.id);
}

export async function tenantRow({ db }: Database, id: string): Promise<Tenant | undefined> {
  return (await db.select().from(tenants).where(eq(tenants.id, id)))[0];
}

export async function jobsOf({ db }: Database, tenantId: string): Promise<Job[]> {
  return db.select().from(jobs).where(eq(jobs.tenantId, tenantId));
}

export async function scenariosOf({ db }: Database, tenantId: string): Promise<Scenario[]> {
  return db.select().from(scenarios).where(eq(scenarios.tenantId, tenantId));
}

export async function countChunks({ db }: Database, jobId: string): Promise<number> {
  return db.$count(logChunks, eq(logChunks.jobId, jobId));
}

export async function setJob({ db }: Database, id: string, set: Partial<Job>): Promise<void> {
  await db.update(jobs).set(set).where(eq(jobs.id, id));
}

export async function setTenant({ db }: Database, id: string, set: Partial<Tenant>): Promise<void> {
  await db.update(tenants).set(set).where(eq(tenants.id, id));
}

export async function setScenario(
  { db }: Database,
  id: string,
  set: Partial<Scenario>,
): Promise<void> {
  await db.update(scenarios).set(set).where(eq(scenarios.id, id));
}
