import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { count, instant } from "./columns";
import { tenants } from "./tenants";

/** A `.sumocfg` of a scenario with the inputs that it names, all present. Faults make it unusable, not the scenario. */
export type ScenarioConfig = {
  readonly path: string;
  readonly inputs: readonly string[];
  readonly faults: readonly {
    readonly file: string;
    readonly line?: number;
    readonly message: string;
  }[];
};

export type ScenarioFinding = { readonly file?: string; readonly message: string };

/** An uploaded, immutable set of SUMO files. */
export const scenarios = pgTable(
  "scenarios",
  {
    id: uuid().primaryKey(),
    tenantId: text()
      .notNull()
      .references(() => tenants.id),
    /** Content address: sha256 of the archive as it came. */
    archiveSha256: text().notNull(),
    archiveBytes: count().notNull(),
    fileName: text().notNull(),
    fileCount: integer().notNull(),
    unpackedBytes: count().notNull(),
    configs: jsonb().$type<ScenarioConfig[]>().notNull(),
    /** What a user should know of the scenario as a whole. */
    findings: jsonb().$type<ScenarioFinding[]>().notNull(),
    /** Uploaded by itself, so it stays until deleted or past retention; else it goes with its last job. */
    kept: boolean().notNull(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [uniqueIndex().on(t.tenantId, t.archiveSha256), index().on(t.tenantId, t.id.desc())],
);
export type Scenario = typeof scenarios.$inferSelect;

/** A file's content, kept once per tenant however many scenarios use it. */
export const blobs = pgTable(
  "blobs",
  {
    tenantId: text()
      .notNull()
      .references(() => tenants.id),
    sha256: text().notNull(),
    sizeBytes: count().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.sha256] })],
);

export const scenarioFiles = pgTable(
  "scenario_files",
  {
    scenarioId: uuid()
      .notNull()
      .references(() => scenarios.id, { onDelete: "cascade" }),
    tenantId: text().notNull(),
    path: text().notNull(),
    sha256: text().notNull(),
    sizeBytes: count().notNull(),
  },
  (t) => [primaryKey({ columns: [t.scenarioId, t.path] }), index().on(t.tenantId, t.sha256)],
);
export type ScenarioFile = typeof scenarioFiles.$inferSelect;

/** A resumable upload that is not complete yet. Its bytes are at `tenants/<id>/uploads/<id>`. */
export const uploads = pgTable(
  "uploads",
  {
    id: uuid().primaryKey(),
    tenantId: text()
      .notNull()
      .references(() => tenants.id),
    fileName: text().notNull(),
    sizeBytes: count().notNull(),
    sha256: text(),
    scenarioId: uuid(),
    createdAt: instant().notNull().defaultNow(),
    touchedAt: instant().notNull().defaultNow(),
  },
  (t) => [index().on(t.tenantId), index().on(t.touchedAt)],
);
export type Upload = typeof uploads.$inferSelect;
