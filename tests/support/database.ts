import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { type Database, openDatabase } from "@/lib/db/client";

export type TestDatabase = Database & { readonly url: string };

/** A migrated, empty database of the caller's own (25 ms). Close it in afterAll. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const url = await createTestDatabase();
  return { ...openDatabase(url), url };
}

/** The address of a fresh migrated database, for a portal process of the test. */
export async function createTestDatabase(): Promise<string> {
  const server = inject("databaseServerUrl");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const sql = postgres(server, { max: 1, onnotice: () => undefined });
  await sql.unsafe(`create database ${name} template template_sumo_k8`);
  await sql.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
