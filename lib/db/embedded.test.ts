import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { startEmbeddedPostgres } from "./embedded";

const dirs: string[] = [];
afterAll(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))));

test("data and address outlive a stop, and a server that was left running is taken over", async () => {
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-embedded-"));
  dirs.push(dir);
  const first = await startEmbeddedPostgres(dir, ["fsync=off"]);
  const sql = postgres(first.url, { max: 1 });
  await sql`create table kept (n int)`;
  await sql.end();
  const taken = await startEmbeddedPostgres(dir);
  expect(taken.url).toBe(first.url);
  await taken.stop();
  const again = await startEmbeddedPostgres(dir, ["fsync=off"]);
  expect(again.url).toBe(first.url);
  const sql2 = postgres(again.url, { max: 1 });
  expect(await sql2`select count(*)::int as n from kept`).toEqual([{ n: 0 }]);
  await sql2.end();
  await again.stop();
});

test("it runs below a folder that is closed to other users, as root's own is", async () => {
  const closed = await mkdtemp(join(tmpdir(), "sumo-k8 closed-"));
  dirs.push(closed);
  const server = await startEmbeddedPostgres(join(closed, "a b"), ["fsync=off"]);
  const sql = postgres(server.url, { max: 1 });
  expect(await sql`select 1 as n`).toEqual([{ n: 1 }]);
  await sql.end();
  await server.stop();
});
