import { randomUUID } from "node:crypto";
import { v7 } from "uuid";
import type { Database } from "@/lib/db/client";
import { jobs, scenarios, tenants } from "@/lib/db/schema";
import type { Job } from "@/lib/db/schema/jobs";
import type { Tenant } from "@/lib/db/schema/tenants";
import type { TenantId, TenantScope } from "@/lib/domain/tenant";

/** A tenant with wide limits and one kept scenario of one configuration `town.sumocfg`; its scope, and the scenario's id. */
export async function makeTenant(
  { db }: Database,
  limits: Partial<Tenant> = {},
): Promise<{ scope: TenantScope; scenarioId: string }> {
  const id = limits.id ?? `t-${randomUUID().slice(0, 8)}`;
  await db.insert(tenants).values({
    namespace: `sumo-${id}`,
    maxCpu: 64,
    maxMemoryMib: 262_144,
    maxConcurrentJobs: 10,
    maxQueuedJobs: 1_000,
    maxStorageMib: 1_024,
    maxRunSeconds: 3_600,
    retentionDays: 30,
    ...limits,
    id,
  });
  const scenarioId = v7();
  await db.insert(scenarios).values({
    id: scenarioId,
    tenantId: id,
    archiveSha256: randomUUID(),
    archiveBytes: 1_000,
    fileName: "town.zip",
    fileCount: 1,
    unpackedBytes: 2_000,
    configs: [{ path: "town.sumocfg", inputs: [], faults: [] }],
    findings: [],
    kept: true,
  });
  const scope = {
    tenantId: id as TenantId,
    actor: `key:${id}`,
    scopes: ["jobs:read", "jobs:write"],
  } as unknown as TenantScope;
  return { scope, scenarioId };
}

/** A job as a submission leaves it: QUEUED. */
export async function makeJob(
  { db }: Database,
  { scope, scenarioId }: { scope: TenantScope; scenarioId: string },
  set: Partial<typeof jobs.$inferInsert> = {},
): Promise<Job> {
  const [job] = await db
    .insert(jobs)
    .values({
      id: v7(),
      tenantId: scope.tenantId,
      scenarioId,
      name: "morning",
      submittedBy: scope.actor,
      configFile: "town.sumocfg",
      cpu: 2,
      memoryMib: 4_096,
      timeLimitSeconds: 600,
      seed: 42,
      ...set,
    })
    .returning();
  if (!job) throw new Error("no job was made");
  return job;
}
