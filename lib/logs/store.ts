import { and, asc, desc, eq, gt, gte, isNull, lt, lte, type SQL, sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { attempts, jobs, logChunks, tenants } from "@/lib/db/schema";
import type { Attempt, Job, LogBlock } from "@/lib/db/schema/jobs";

export type JobRef = Pick<Job, "id" | "tenantId">;
/** The part of an attempt that its lines depend on. */
export type LogOwner = Pick<
  Attempt,
  "jobId" | "number" | "tenantId" | "firstLine" | "lineCount" | "logIndex"
>;

const OWNER = {
  jobId: attempts.jobId,
  number: attempts.number,
  tenantId: attempts.tenantId,
  firstLine: attempts.firstLine,
  lineCount: attempts.lineCount,
  logIndex: attempts.logIndex,
};

/** All attempts of the job that have lines, in order. */
export async function listLogOwners(db: Db, job: JobRef): Promise<LogOwner[]> {
  return db
    .select(OWNER)
    .from(attempts)
    .where(
      and(
        eq(attempts.jobId, job.id),
        eq(attempts.tenantId, job.tenantId),
        gt(attempts.lineCount, 0),
      ),
    )
    .orderBy(asc(attempts.number));
}

export async function findLogIndex(db: Db, owner: LogOwner): Promise<LogBlock[] | null> {
  const [row] = await db
    .select({ logIndex: attempts.logIndex })
    .from(attempts)
    .where(isAttempt(owner));
  return row?.logIndex ?? null;
}

export type StoredChunk = Omit<LogBlock, "offset" | "bytes"> & { readonly lines: Buffer };

export type ChunkQuery = {
  /** Only chunks that begin at or after this line, or that hold it. */
  readonly from: number;
  /** Only chunks that begin before this line. */
  readonly before: number;
  readonly order: "ascending" | "descending";
  readonly level: "info" | "warning" | "error";
  readonly limit: number;
};

const CHUNK = {
  firstLine: logChunks.firstLine,
  lineCount: logChunks.lineCount,
  warnings: logChunks.warnings,
  errors: logChunks.errors,
  lines: logChunks.lines,
};

/** Line numbers count within the attempt. Chunks without lines of the level are left out. */
export async function listChunks(
  db: Db,
  owner: LogOwner,
  query: ChunkQuery,
): Promise<StoredChunk[]> {
  const ofAttempt = isChunkOf(owner);
  const holder = db
    .select({ firstLine: logChunks.firstLine })
    .from(logChunks)
    .where(and(ofAttempt, lte(logChunks.firstLine, query.from)))
    .orderBy(desc(logChunks.firstLine))
    .limit(1);
  return db
    .select(CHUNK)
    .from(logChunks)
    .where(
      and(
        ofAttempt,
        gte(logChunks.firstLine, sql`coalesce((${holder}), 0)`),
        lt(logChunks.firstLine, query.before),
        hasLevel(query.level),
      ),
    )
    .orderBy(query.order === "ascending" ? asc(logChunks.firstLine) : desc(logChunks.firstLine))
    .limit(query.limit);
}

function hasLevel(level: ChunkQuery["level"]): SQL | undefined {
  if (level === "info") return undefined;
  return level === "error"
    ? gt(logChunks.errors, 0)
    : sql`${logChunks.errors} + ${logChunks.warnings} > 0`;
}

/**
 * From chunks to the stored object, in one transaction; false when lines arrived meanwhile or it is done
 * already. Its bytes count for the job and its tenant.
 */
export async function replaceChunks(
  db: Db,
  owner: LogOwner,
  index: LogBlock[],
  bytes: number,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    // The job's row first: the order of all transactions on both.
    await tx
      .select({ id: jobs.id })
      .from(jobs)
      .where(eq(jobs.id, owner.jobId))
      .for("no key update");
    const changed = await tx
      .update(attempts)
      .set({ logIndex: index })
      .where(
        and(isAttempt(owner), isNull(attempts.logIndex), eq(attempts.lineCount, owner.lineCount)),
      )
      .returning({ number: attempts.number });
    if (changed.length === 0) return false;
    await tx.delete(logChunks).where(isChunkOf(owner));
    await tx
      .update(jobs)
      .set({ storedBytes: sql`${jobs.storedBytes} + ${bytes}` })
      .where(and(eq(jobs.id, owner.jobId), eq(jobs.tenantId, owner.tenantId)));
    await tx
      .update(tenants)
      .set({ storedBytes: sql`${tenants.storedBytes} + ${bytes}` })
      .where(eq(tenants.id, owner.tenantId));
    return true;
  });
}

export async function getLogOwner(
  db: Db,
  owner: Pick<LogOwner, "jobId" | "number" | "tenantId">,
): Promise<LogOwner | undefined> {
  const [row] = await db.select(OWNER).from(attempts).where(isAttempt(owner));
  return row;
}

export type LogPosition = Pick<Job, "state" | "message" | "logLines">;

/** How far the log of a job is, and whether more may come; undefined when the job is deleted. */
export async function findLogPosition(db: Db, job: JobRef): Promise<LogPosition | undefined> {
  const [row] = await db
    .select({ state: jobs.state, message: jobs.message, logLines: jobs.logLines })
    .from(jobs)
    .where(and(eq(jobs.id, job.id), eq(jobs.tenantId, job.tenantId)));
  return row;
}

function isAttempt({ jobId, number, tenantId }: Pick<LogOwner, "jobId" | "number" | "tenantId">) {
  return and(
    eq(attempts.jobId, jobId),
    eq(attempts.number, number),
    eq(attempts.tenantId, tenantId),
  );
}

/** Tenants' scope comes with the attempt, which was read in it. */
function isChunkOf({ jobId, number }: LogOwner) {
  return and(eq(logChunks.jobId, jobId), eq(logChunks.attempt, number));
}
