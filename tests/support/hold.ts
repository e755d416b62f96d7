import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";

/** A statement of the portal at which it is to be stopped: SQL over NEW (and OLD on update). */
export type Step = {
  readonly table: string;
  readonly on: "insert" | "update" | "delete";
  readonly when: string;
};

export type Hold = {
  /** Resolves when a portal stands inside the statement; throws after the limit. */
  reached(limitMs?: number): Promise<void>;
  /** Lets go and takes the trap away. */
  release(): Promise<void>;
};

const LOCK = 4_711;

/**
 * Stops the portal inside one statement, so that it can be killed just there: a trigger of the test's own
 * database waits for a lock that the test holds. The product needs no hooks for it.
 */
export async function holdAt(databaseUrl: string, step: Step): Promise<Hold> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  const row = step.on === "delete" ? "old" : "new";
  await sql`select pg_advisory_lock(${LOCK})`;
  await sql.unsafe(`
    create function test_hold() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(${LOCK}); return ${row}; end $$;
    create trigger test_hold before ${step.on} on ${step.table}
      for each row when (${step.when}) execute function test_hold()`);
  return {
    async reached(limitMs = 30_000) {
      for (const limit = Date.now() + limitMs; Date.now() < limit; await sleep(20)) {
        const [waiting] = await sql`
          select 1 from pg_locks l join pg_database d on d.oid = l.database
          where l.locktype = 'advisory' and not l.granted and d.datname = current_database()`;
        if (waiting) return;
      }
      throw new Error(`The portal did not reach ${step.on} on ${step.table} when ${step.when}.`);
    },
    async release() {
      await sql`select pg_advisory_unlock(${LOCK})`;
      await sql.unsafe(`drop trigger test_hold on ${step.table}; drop function test_hold()`);
      await sql.end();
    },
  };
}
