import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Database } from "@/lib/db/client";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { keepLeading, type Leadership } from "./lease";
import { acquireLease, releaseLease, renewLease } from "./store";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test("one of many that try at once gets the lease, and the next only after its time, with a higher epoch", async () => {
  const tries = await Promise.all(
    Array.from({ length: 10 }, (_, i) => acquireLease(database, "one", `p${i}`, 60)),
  );
  const epochs = tries.filter((epoch) => epoch !== undefined);
  expect(epochs).toEqual([1]);
  expect(await acquireLease(database, "one", "late", 60)).toBeUndefined();
  await releaseLease(database, "one", 1);
  expect(await acquireLease(database, "one", "late", 60)).toBe(2);
  expect(await renewLease(database, "one", 1, 60)).toBe(false);
  expect(await renewLease(database, "one", 2, 60)).toBe(true);
});

const times = { leaseMs: 600, renewMs: 150, retryMs: 50 };

/** A portal that leads when it can; `leading` is what it holds now. */
function candidate(name: string, holder: string, db: Database = database) {
  const stopping = new AbortController();
  const held: Leadership[] = [];
  const done = keepLeading({
    database: db,
    name,
    holder,
    times,
    signal: stopping.signal,
    onError: () => undefined,
    lead: async (leadership) => {
      held.push(leadership);
      while (!leadership.lost.aborted) await sleep(10);
    },
  });
  return {
    held,
    leads: () => held.at(-1)?.lost.aborted === false,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

test("of two portals one leads, and keeps leading; when it stops the other takes over with a new epoch", async () => {
  const [a, b] = [candidate("two", "a"), candidate("two", "b")];
  await vi.waitFor(() => expect([a, b].filter((one) => one.leads())).toHaveLength(1), 5_000);
  await sleep(times.leaseMs * 2);
  expect(a.held.length + b.held.length).toBe(1);
  const [leader, other] = a.leads() ? [a, b] : [b, a];
  await leader.stop();
  await vi.waitFor(() => expect(other.leads()).toBe(true), 5_000);
  expect(other.held[0]?.fence.epoch).toBe((leader.held[0]?.fence.epoch ?? 0) + 1);
  await other.stop();
});

test("a leader that cannot renew stops by its own clock before another may begin", async () => {
  let isCut = false;
  const cut = new Proxy(database.sql, {
    apply: (target, self, args) => {
      if (isCut) throw new Error("the network is cut");
      return Reflect.apply(target as never, self, args) as unknown;
    },
  });
  const a = candidate("cut", "a", { ...database, sql: cut });
  await vi.waitFor(() => expect(a.leads()).toBe(true), 5_000);
  const b = candidate("cut", "b");
  const overlaps: boolean[] = [];
  isCut = true;
  await vi.waitFor(
    () => {
      overlaps.push(a.leads() && b.leads());
      expect(b.leads()).toBe(true);
    },
    { timeout: 5_000, interval: 5 },
  );
  expect(a.leads()).toBe(false);
  expect(overlaps).not.toContain(true);
  await Promise.all([a.stop(), b.stop()]);
});
