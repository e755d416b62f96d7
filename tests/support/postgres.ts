import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "@/lib/db/embedded";
import { migrateDatabase } from "@/lib/db/migrate";

declare module "vitest" {
  interface ProvidedContext {
    readonly databaseServerUrl: string;
  }
}

/** One real PostgreSQL for the whole run; tests/support/database.ts gives each test file a database of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-test-postgres-"));
  const server = await startEmbeddedPostgres(dir, [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
  ]);
  const sql = postgres(server.url, { max: 1 });
  await sql`create database template_sumo_k8`;
  await sql.end();
  const template = new URL(server.url);
  template.pathname = "/template_sumo_k8";
  await migrateDatabase(template.href, "drizzle");
  project.provide("databaseServerUrl", server.url);
  return async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
