import { sql } from "drizzle-orm";
import type { TransactionSql } from "postgres";
import type { Database, Db } from "@/lib/db/client";
import {
  type Scenario,
  type ScenarioFile,
  scenarioFiles,
  scenarios,
} from "@/lib/db/schema/scenarios";
import { notFound } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import { blobKey } from "@/lib/storage/keys";
import { isUuid } from "./uuid";

type FileRow = Pick<ScenarioFile, "path" | "sha256" | "sizeBytes">;
export type StorageStanding = {
  readonly storedBytes: number;
  readonly maxStorageMib: number;
  readonly isSuspended: boolean;
};

const COLUMNS = `id, tenant_id as "tenantId", archive_sha256 as "archiveSha256", archive_bytes as "archiveBytes",
  file_name as "fileName", file_count as "fileCount", unpacked_bytes as "unpackedBytes", configs, findings, kept,
  created_at as "createdAt"`;

/** Sizes and times come as text: drizzle takes the conversion out of the driver that it shares. */
type ScenarioRow = Omit<Scenario, "archiveBytes" | "unpackedBytes" | "createdAt"> & {
  readonly archiveBytes: string;
  readonly unpackedBytes: string;
  readonly createdAt: string;
};

function toScenario(row: ScenarioRow): Scenario {
  return {
    ...row,
    createdAt: new Date(row.createdAt),
    archiveBytes: Number(row.archiveBytes),
    unpackedBytes: Number(row.unpackedBytes),
  };
}

/** The scenario that this archive became earlier: one indexed look-up. */
export async function findScenarioByArchive(
  query: Database["sql"] | TransactionSql,
  tenantId: string,
  sha256: string,
): Promise<Scenario | undefined> {
  const [row] = await query<ScenarioRow[]>`
    select ${query.unsafe(COLUMNS)} from scenarios where tenant_id = ${tenantId} and archive_sha256 = ${sha256}`;
  return row && toScenario(row);
}

/** Throws NOT_FOUND. */
export async function getScenario(
  db: Db,
  { tenantId }: TenantScope,
  id: string,
): Promise<Scenario> {
  if (!isUuid(id)) throw notFound("Scenario");
  const [row] = await db
    .select()
    .from(scenarios)
    .where(sql`${scenarios.tenantId} = ${tenantId} and ${scenarios.id} = ${id}`);
  if (!row) throw notFound("Scenario");
  return row;
}

/** Newest first. `cursor` is the id of the last one that was seen. */
export async function listScenarios(
  db: Db,
  { tenantId }: TenantScope,
  { limit, cursor }: { limit: number; cursor: string | undefined },
): Promise<Scenario[]> {
  return db
    .select()
    .from(scenarios)
    .where(
      sql`${scenarios.tenantId} = ${tenantId} and ${cursor ? sql`${scenarios.id} < ${cursor}` : sql`true`}`,
    )
    .orderBy(sql`${scenarios.id} desc`)
    .limit(limit);
}

/** All files with their hashes, by path. */
export async function listScenarioFiles(
  db: Db,
  tenantId: string,
  scenarioId: string,
): Promise<ScenarioFile[]> {
  return db
    .select()
    .from(scenarioFiles)
    .where(
      sql`${scenarioFiles.tenantId} = ${tenantId} and ${scenarioFiles.scenarioId} = ${scenarioId}`,
    )
    .orderBy(scenarioFiles.path);
}

/** Which of these contents the tenant has already. */
export async function findKnownBlobs(
  query: Database["sql"] | TransactionSql,
  tenantId: string,
  hashes: readonly string[],
): Promise<Set<string>> {
  const rows = await query<{ sha256: string }[]>`
    select sha256 from blobs where tenant_id = ${tenantId} and sha256 = any(${[...hashes]})`;
  return new Set(rows.map(({ sha256 }) => sha256));
}

/** Locks the tenant's row to the end of the transaction: contents and their bytes change under it only. */
export async function lockStorage(tx: TransactionSql, tenantId: string): Promise<StorageStanding> {
  const [row] = await tx<(Omit<StorageStanding, "storedBytes"> & { storedBytes: string })[]>`
    select stored_bytes as "storedBytes", max_storage_mib as "maxStorageMib", suspended_at is not null as "isSuspended"
    from tenants where id = ${tenantId} for no key update`;
  if (!row) throw notFound("Tenant");
  return { ...row, storedBytes: Number(row.storedBytes) };
}

/** Adds the contents that the tenant does not have, and returns their hashes. Needs lockStorage. */
export async function addBlobs(
  tx: TransactionSql,
  tenantId: string,
  found: ReadonlyMap<string, number>,
): Promise<string[]> {
  const rows = await tx<{ sha256: string }[]>`
    insert into blobs (tenant_id, sha256, size_bytes)
    select ${tenantId}, * from unnest(${[...found.keys()]}::text[], ${[...found.values()]}::bigint[])
    on conflict do nothing returning sha256`;
  return rows.map(({ sha256 }) => sha256);
}

/** The scenario with its files, and the bytes it added to what the tenant stores. Needs lockStorage. */
export async function addScenario(
  tx: TransactionSql,
  scenario: Omit<Scenario, "createdAt">,
  files: readonly FileRow[],
  addedBytes: number,
): Promise<Scenario> {
  const s = scenario;
  const [[row]] = await Promise.all([
    tx<
      { createdAt: string }[]
    >`insert into scenarios (id, tenant_id, archive_sha256, archive_bytes, file_name, file_count,
        unpacked_bytes, configs, findings, kept)
      values (${s.id}, ${s.tenantId}, ${s.archiveSha256}, ${s.archiveBytes}, ${s.fileName}, ${s.fileCount},
        ${s.unpackedBytes}, ${JSON.stringify(s.configs)}::text::jsonb, ${JSON.stringify(s.findings)}::text::jsonb, ${s.kept})
      returning created_at as "createdAt"`,
    tx`insert into scenario_files (scenario_id, tenant_id, path, sha256, size_bytes)
      select ${s.id}::uuid, ${s.tenantId}, * from unnest(${files.map((f) => f.path)}::text[],
        ${files.map((f) => f.sha256)}::text[], ${files.map((f) => f.sizeBytes)}::bigint[])`,
    tx`update tenants set stored_bytes = stored_bytes + ${addedBytes} where id = ${s.tenantId}`,
  ]);
  if (!row) throw new Error("insert returned no row");
  return { ...scenario, createdAt: new Date(row.createdAt) };
}

/** From now on it stays when its last job goes. */
export async function keepScenario(
  query: Database["sql"] | TransactionSql,
  tenantId: string,
  id: string,
): Promise<boolean> {
  const rows =
    await query`update scenarios set kept = true where tenant_id = ${tenantId} and id = ${id}`;
  return rows.count === 1;
}

/**
 * In a transaction: removes a scenario that is not kept and that no job uses, and the contents that only it had;
 * frees their bytes. Returns keys for `removeFreed` (lib/scenarios/free.ts) after the commit.
 */
export async function releaseScenario(
  db: Db,
  tenantId: string,
  scenarioId: string,
): Promise<string[]> {
  await db.execute(sql`select 1 from tenants where id = ${tenantId} for no key update`);
  const gone = await db.execute(sql`
    with used as (select sha256 from scenario_files where scenario_id = ${scenarioId} and tenant_id = ${tenantId}),
    gone as (
      delete from scenarios s where s.id = ${scenarioId} and s.tenant_id = ${tenantId} and not s.kept
        and not exists (select 1 from jobs j where j.scenario_id = s.id) returning s.id),
    freed as (
      delete from blobs b where b.tenant_id = ${tenantId} and exists (select 1 from gone)
        and b.sha256 in (select sha256 from used)
        and not exists (select 1 from scenario_files f where f.tenant_id = b.tenant_id and f.sha256 = b.sha256
          and f.scenario_id <> ${scenarioId})
      returning b.sha256, b.size_bytes),
    counted as (
      update tenants set stored_bytes = greatest(0, stored_bytes - (select coalesce(sum(size_bytes), 0) from freed))
      where id = ${tenantId} and exists (select 1 from freed))
    select sha256 from freed`);
  return [...(gone as unknown as Iterable<{ sha256: string }>)].map(({ sha256 }) =>
    blobKey(tenantId, sha256),
  );
}

/** Locks the scenario's tenant, makes the scenario one that goes with its last job, and counts its jobs. Throws NOT_FOUND. */
export async function unkeepScenario(
  db: Db,
  { tenantId }: TenantScope,
  id: string,
): Promise<number> {
  if (!isUuid(id)) throw notFound("Scenario");
  await db.execute(sql`select 1 from tenants where id = ${tenantId} for no key update`);
  const rows = await db.execute(sql`
    update scenarios s set kept = false where s.tenant_id = ${tenantId} and s.id = ${id}
    returning (select count(*)::int from jobs j where j.scenario_id = s.id) as jobs`);
  const [row] = [...(rows as unknown as Iterable<{ jobs: number }>)];
  if (!row) throw notFound("Scenario");
  return row.jobs;
}

/** Scenarios that nobody needs: refused or forgotten ones of no job, and kept ones past the tenant's retention. */
export async function listExpiredScenarios(
  { sql: query }: Database,
  now: Date,
): Promise<{ id: string; tenantId: string }[]> {
  return query<{ id: string; tenantId: string }[]>`
    select s.id, s.tenant_id as "tenantId" from scenarios s join tenants t on t.id = s.tenant_id
    where not exists (select 1 from jobs j where j.scenario_id = s.id)
      and s.created_at < ${now.toISOString()}::timestamptz
        - case when s.kept then make_interval(days => t.retention_days) else interval '1 hour' end
    order by s.created_at limit 500`;
}
