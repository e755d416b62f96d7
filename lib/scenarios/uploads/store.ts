import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import type { Database, Db } from "@/lib/db/client";
import { type Upload, uploads } from "@/lib/db/schema/scenarios";
import { notFound } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import { lockStorage, type StorageStanding } from "@/lib/scenarios/store";
import { isUuid } from "@/lib/scenarios/uuid";

export type NewUpload = {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string | null;
};
type Judge = (standing: StorageStanding & { readonly openBytes: number }) => void;

/** `judge` throws when the tenant's storage has no room for it; uploads that are open count with their full size. */
export async function insertUpload(
  { sql: query }: Database,
  tenantId: string,
  upload: NewUpload,
  judge: Judge,
): Promise<Upload> {
  const id = v7();
  const { createdAt } = await query.begin(async (tx) => {
    const standing = await lockStorage(tx, tenantId);
    const [open] = await tx<{ bytes: string }[]>`
      select coalesce(sum(size_bytes), 0) as bytes from uploads where tenant_id = ${tenantId} and scenario_id is null`;
    judge({ ...standing, openBytes: Number(open?.bytes ?? 0) });
    const [row] = await tx<{ createdAt: string }[]>`
      insert into uploads (id, tenant_id, file_name, size_bytes, sha256)
      values (${id}, ${tenantId}, ${upload.fileName}, ${upload.sizeBytes}, ${upload.sha256})
      returning created_at as "createdAt"`;
    if (!row) throw new Error("insert returned no row");
    // A text: drizzle takes the conversion of times out of the driver that it shares.
    return { createdAt: new Date(row.createdAt) };
  });
  return { id, tenantId, ...upload, scenarioId: null, createdAt, touchedAt: createdAt };
}

/** Throws NOT_FOUND. */
export async function getUpload(db: Db, { tenantId }: TenantScope, id: string): Promise<Upload> {
  if (!isUuid(id)) throw notFound("Upload");
  const [row] = await db
    .select()
    .from(uploads)
    .where(sql`${uploads.tenantId} = ${tenantId} and ${uploads.id} = ${id}`);
  if (!row) throw notFound("Upload");
  return row;
}

/** Runs `work` while no other request changes this upload, and marks it as used. Throws NOT_FOUND. */
export async function withUploadLocked<T>(
  { sql: query }: Database,
  { tenantId }: TenantScope,
  id: string,
  work: () => Promise<T>,
): Promise<T> {
  const { result } = await query.begin(async (tx) => {
    const locked =
      await tx`update uploads set touched_at = now() where tenant_id = ${tenantId} and id = ${id}`;
    if (locked.count === 0) throw notFound("Upload");
    return { result: await work() };
  });
  return result;
}

export async function completeUpload(db: Db, upload: Upload, scenarioId: string): Promise<void> {
  await db.execute(sql`
    update uploads set scenario_id = ${scenarioId}, touched_at = now()
    where tenant_id = ${upload.tenantId} and id = ${upload.id}`);
}

export async function deleteUpload(
  db: Db,
  { tenantId, id }: Pick<Upload, "tenantId" | "id">,
): Promise<void> {
  await db.execute(sql`delete from uploads where tenant_id = ${tenantId} and id = ${id}`);
}

/** Of all tenants. */
export async function listAbandonedUploads(
  { sql: query }: Database,
  before: Date,
): Promise<{ id: string; tenantId: string }[]> {
  return query<{ id: string; tenantId: string }[]>`
    select id, tenant_id as "tenantId" from uploads where touched_at < ${before.toISOString()}::timestamptz
    order by touched_at limit 500`;
}
