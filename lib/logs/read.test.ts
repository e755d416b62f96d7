import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunnerListener, startRunnerListener } from "@/lib/attempts/listener";
import { attemptToken } from "@/lib/attempts/token";
import { attempts, jobs, logChunks, tenants } from "@/lib/db/schema";
import { attemptName } from "@/lib/domain/attempt";
import { logKey } from "@/lib/storage/keys";
import {
  eq,
  insertAttempt,
  makeLines,
  openPortalParts,
  type PortalParts,
  runnerClient,
} from "@/tests/support/attempts";
import { archiveLog } from "./archive";
import { readBlocks } from "./blocks";
import { type LogQuery, readLines } from "./read";
import { getLogOwner } from "./store";

let portal: PortalParts;
let listener: RunnerListener;
beforeAll(async () => {
  portal = await openPortalParts();
  listener = await startRunnerListener(portal);
});
afterAll(async () => {
  await listener.close();
  await portal.dispose();
});

/** A job with two attempts: 4,000 lines of the first, and what the second said. */
async function jobWithTwoAttempts(second: number) {
  const { job, token } = await insertAttempt(portal);
  const { db } = portal.database;
  await fill(token, 0, 4_000, 37);
  await db
    .insert(attempts)
    .values({ jobId: job.id, number: 2, tenantId: job.tenantId, firstLine: 4_000, lineCount: 0 });
  await db.update(jobs).set({ attempt: 2 }).where(eq(jobs.id, job.id));
  await fill(attemptToken(portal.attemptSecret, attemptName(job.id, 2)), 4_000, second, 411);
  return job;
}

async function fill(token: string, offset: number, count: number, step: number) {
  const client = runnerClient(listener.url, token);
  for (let at = 0, seq = 1; at < count; at += step, seq += 1) {
    const lines = makeLines(offset + at, Math.min(step, count - at));
    const answer = await client.report({ seq, first_line: at, lines });
    expect(answer.status).toBe(200);
  }
}

const ask = (query: Partial<LogQuery>): LogQuery => ({ limit: 1_000, tail: 500, ...query });
const numbers = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => first + i);

test("a job's lines read alike from chunks, from one stored object and from both", async () => {
  const job = await jobWithTwoAttempts(3_000);
  const queries: [LogQuery, number[], number][] = [
    [ask({}), numbers(6_500, 500), 7_000],
    [ask({ tail: 3 }), [6_997, 6_998, 6_999], 7_000],
    [ask({ from: 0, limit: 10 }), numbers(0, 10), 10],
    [ask({ from: 3_990, limit: 20 }), numbers(3_990, 20), 4_010],
    [ask({ from: 6_995 }), numbers(6_995, 5), 7_000],
    [ask({ from: 7_000 }), [], 7_000],
    [ask({ from: 90_000 }), [], 7_000],
    [ask({ from: 0, level: "error" }), [999, 1_999, 2_999, 3_999, 4_999, 5_999, 6_999], 7_000],
    [ask({ from: 3_900, level: "warning", limit: 3 }), [3_949, 3_999, 4_049], 4_099],
    [ask({ tail: 2, level: "error" }), [5_999, 6_999], 7_000],
    [ask({ from: 0, q: "LINE 69" }), [69, ...numbers(690, 10), ...numbers(6_900, 100)], 7_000],
    [ask({ tail: 4, q: "line 12" }), numbers(1_296, 4), 7_000],
    [ask({ from: 0, q: "nowhere" }), [], 7_000],
  ];
  const check = async (where: string) => {
    for (const [query, expected, next] of queries) {
      const page = await readLines(portal, job, query);
      expect(
        page.lines.map(({ n }) => n),
        `${where}: ${JSON.stringify(query)}`,
      ).toEqual(expected);
      expect(page.lines.map(({ line }) => line)).toEqual(expected.map((n) => makeLines(n, 1)[0]));
      expect([page.total, page.next]).toEqual([7_000, next]);
    }
  };
  await check("chunks");
  await archiveLog(portal, job, { number: 1 });
  await check("both");
  await archiveLog(portal, job, { number: 2 });
  await check("stored");
  expect(
    await portal.database.db.select().from(logChunks).where(eq(logChunks.jobId, job.id)),
  ).toEqual([]);
});

test("storing a log away can be repeated and cut at any point: each line is there once, and counted once", async () => {
  const { job, token } = await insertAttempt(portal);
  await fill(token, 0, 5_000, 100);
  const { db } = portal.database;
  // Cut after the object was written, before the database let go: the same state as a kill there.
  const cut = { ...portal, database: { ...portal.database, db: withoutTransactions(portal) } };
  await expect(archiveLog(cut, job, { number: 1 })).rejects.toThrow("cut");
  expect(await portal.store.stat(logKey(job.tenantId, job.id, 1))).toBeDefined();
  await fill(token, 0, 5_010, 5_010); // more lines arrive
  await Promise.all([
    archiveLog(portal, job, { number: 1 }),
    archiveLog(portal, job, { number: 1 }),
  ]);
  await archiveLog(portal, job, { number: 1 });
  const { lines } = await readLines(portal, job, ask({ from: 0, limit: 10_000 }));
  expect(lines.map(({ n, line }) => [n, line])).toEqual(
    makeLines(0, 5_010).map((line, n) => [n, line]),
  );
  const [tenant] = await db.select().from(tenants).where(eq(tenants.id, job.tenantId));
  const stored = await portal.store.stat(logKey(job.tenantId, job.id, 1));
  expect(tenant?.storedBytes).toBe(stored?.sizeBytes);
  expect((await runnerClient(listener.url, token).report({ seq: 9_999 })).status).toBe(410);
});

test("a reader that began with chunks goes on in the stored object", async () => {
  for (const order of ["ascending", "descending"] as const) {
    const { job, token } = await insertAttempt(portal);
    await fill(token, 0, 6_000, 50);
    const owner = await getLogOwner(portal.database.db, {
      jobId: job.id,
      tenantId: job.tenantId,
      number: 1,
    });
    if (!owner) throw new Error("the attempt is gone");
    const seen: number[] = [];
    let blocks = 0;
    for await (const { first, lines } of readBlocks(portal, owner, {
      from: 0,
      before: 6_000,
      order,
      level: "info",
    })) {
      seen.push(...numbers(first, lines.length));
      blocks += 1;
      if (blocks === 40) await archiveLog(portal, job, { number: 1 });
    }
    expect([order, ...seen.toSorted((a, b) => a - b)]).toEqual([order, ...numbers(0, 6_000)]);
  }
});

test("another tenant's job has no lines", async () => {
  const { job, token } = await insertAttempt(portal);
  await fill(token, 0, 10, 10);
  const page = await readLines(portal, { id: job.id, tenantId: "somebody-else" }, ask({ from: 0 }));
  expect([page.lines, page.total]).toEqual([[], 0]);
});

function withoutTransactions({ database: { db } }: PortalParts): PortalParts["database"]["db"] {
  return new Proxy(db, {
    get: (target, name) => {
      if (name === "transaction") return () => Promise.reject(new Error("cut"));
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
