import { sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { type Activity, activity } from "@/lib/db/schema/activity";

type Entry = Pick<Activity, "actor" | "action"> &
  Partial<Omit<Activity, "id" | "actor" | "action">>;

/** Call it in the transaction that does what it records. */
export async function recordActivity(db: Db, entry: Entry | readonly Entry[]): Promise<void> {
  const entries = Array.isArray(entry) ? [...entry] : [entry as Entry];
  if (entries.length > 0) await db.insert(activity).values(entries);
}

export const NOTIFY_CHANNEL = "sumo_k8";

/**
 * Wakes all portals at commit: `job` for its readers, and the reconciler. Only on changes of state, since
 * PostgreSQL serialises commits that notify. Never sql.notify() inside a transaction: it waits for a second connection.
 */
export async function notifyJob(db: Db, jobId: string): Promise<void> {
  await db.execute(sql`select pg_notify(${NOTIFY_CHANNEL}, ${jobId})`);
}

/** Wakes the leading portal at commit: something other than a job changed what may start. */
export async function notifyReconciler(db: Db): Promise<void> {
  await db.execute(sql`select pg_notify(${NOTIFY_CHANNEL}, '')`);
}
