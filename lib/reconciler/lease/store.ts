import type { Database } from "@/lib/db/client";

/**
 * Takes the lease when it is free or past its time, by the database's clock. Returns its new epoch, which
 * no write of an earlier holder passes; undefined while another holds it.
 */
export async function acquireLease(
  { sql }: Database,
  name: string,
  holder: string,
  seconds: number,
): Promise<number | undefined> {
  const [row] = await sql<{ epoch: string }[]>`
    insert into leases as l (name, holder, epoch, expires_at)
    values (${name}, ${holder}, 1, clock_timestamp() + make_interval(secs => ${seconds}))
    on conflict (name) do update
      set holder = excluded.holder, epoch = l.epoch + 1, expires_at = excluded.expires_at
      where l.expires_at <= clock_timestamp()
    returning epoch`;
  return row ? Number(row.epoch) : undefined;
}

/** False when another has taken it. */
export async function renewLease(
  { sql }: Database,
  name: string,
  epoch: number,
  seconds: number,
): Promise<boolean> {
  const rows = await sql`
    update leases set expires_at = clock_timestamp() + make_interval(secs => ${seconds})
    where name = ${name} and epoch = ${epoch} returning 1`;
  return rows.length > 0;
}

/** Lets the next one lead at once. */
export async function releaseLease({ sql }: Database, name: string, epoch: number): Promise<void> {
  await sql`update leases set expires_at = clock_timestamp() where name = ${name} and epoch = ${epoch}`;
}
