import { sql } from "drizzle-orm";
import {
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import type { AttemptPhase } from "@/lib/domain/attempt";
import type { JobReason } from "@/lib/domain/job-reason";
import { JOB_STATES } from "@/lib/domain/job-state";
import type { Kpis } from "@/lib/domain/kpis";
import type { Progress } from "@/lib/domain/progress";
import { count, instant } from "./columns";
import { scenarios } from "./scenarios";
import { tenants } from "./tenants";

export const PRIORITIES = { low: -1, normal: 0, high: 1 } as const;
export type Priority = keyof typeof PRIORITIES;

/** What somebody asked for. The frozen wish, and where it stands. */
export const jobs = pgTable(
  "jobs",
  {
    /** UUIDv7: sorts by time of submission. */
    id: uuid().primaryKey(),
    tenantId: text()
      .notNull()
      .references(() => tenants.id),
    scenarioId: uuid()
      .notNull()
      .references(() => scenarios.id),
    /** The user's own name for it: `scenario_id` on the wire, as the first generation called it. */
    name: text().notNull(),
    /** What the text filter of the list compares: a byte-wise match is ten times faster than ILIKE. */
    nameLower: text().notNull().generatedAlwaysAs(sql`lower(name)`),
    submittedBy: text().notNull(),

    configFile: text().notNull(),
    cpu: integer().notNull(),
    memoryMib: integer().notNull(),
    timeLimitSeconds: integer().notNull(),
    priority: smallint().notNull().default(0),
    /** Always explicit: drawn when not given. */
    seed: integer().notNull(),
    beginSeconds: doublePrecision(),
    endSeconds: doublePrecision(),
    stepLengthSeconds: doublePrecision(),
    scale: doublePrecision(),
    sumoOptions: jsonb().$type<Record<string, string>>().notNull().default({}),
    labels: jsonb().$type<Record<string, string>>().notNull().default({}),
    /** The configuration and the files that it names, with their hashes: part of the record of the run. */
    inputs: jsonb().$type<JobInput[]>().notNull().default([]),

    state: text({ enum: JOB_STATES }).notNull().default("QUEUED"),
    reason: text().$type<JobReason>(),
    message: text(),
    /** The number of the present attempt; 0 before the first. */
    attempt: integer().notNull().default(0),
    cancelRequestedAt: instant(),
    submittedAt: instant().notNull().defaultNow(),
    startedAt: instant(),
    finishedAt: instant(),

    /** The newest progress record of the present attempt. */
    progress: jsonb().$type<Progress>(),
    kpis: jsonb().$type<Kpis>(),
    logLines: count().notNull().default(0),
    /** Bytes of results and stored log, counted in the tenant's storedBytes. */
    storedBytes: count().notNull().default(0),
  },
  (t) => [
    index("jobs_list_index").on(t.tenantId, t.id, t.nameLower),
    index().on(t.tenantId, t.state, t.id, t.nameLower),
    index().on(t.state, t.id),
    index().on(t.scenarioId),
    index("jobs_open_index")
      .on(t.tenantId, t.priority.desc().nullsFirst(), t.id)
      .where(sql`${t.state} in ('QUEUED', 'PENDING', 'RUNNING')`),
    index().on(t.finishedAt),
  ],
);
export type Job = typeof jobs.$inferSelect;

export type JobInput = {
  readonly path: string;
  readonly sha256: string;
  readonly size_bytes: number;
};

/** jobs.labels once more, one row each: a list by label stays in order of submission without a sort. */
export const jobLabels = pgTable(
  "job_labels",
  {
    tenantId: text().notNull(),
    jobId: uuid()
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    key: text().notNull(),
    value: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.jobId, t.key] }),
    index().on(t.tenantId, t.key, t.value, t.jobId),
    index().on(t.tenantId, t.key, t.jobId),
  ],
);

/** How a run ended, as the runner judged it from all evidence. */
export type AttemptOutcome = {
  readonly state: "SUCCEEDED" | "FAILED" | "CANCELLED";
  readonly reason: JobReason;
  readonly message: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
};

/** One execution of a job on a backend. */
export const attempts = pgTable(
  "attempts",
  {
    jobId: uuid()
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    number: integer().notNull(),
    tenantId: text().notNull(),
    phase: text().$type<AttemptPhase>(),
    createdAt: instant().notNull().defaultNow(),
    startedAt: instant(),
    simulatingAt: instant(),
    finishedAt: instant(),
    /** Set when the portal wants it gone; the next report's answer tells the runner. */
    stopRequestedAt: instant(),
    lastReportAt: instant(),
    reportSeq: count().notNull().default(0),
    /** The job's line number of this attempt's line 0: numbers go on over attempts. */
    firstLine: count().notNull(),
    /** Lines of this attempt that have arrived. */
    lineCount: count().notNull().default(0),
    sumoVersion: text(),
    /** The effective command line: with the inputs' hashes and the seed it repeats the run. */
    command: jsonb().$type<string[]>(),
    outcome: jsonb().$type<AttemptOutcome>(),
    /** All files of the manifest are in storage with the right hash. */
    manifestComplete: boolean().notNull().default(false),
    /** Lines are in one stored object (with an index) and no longer in log_chunks. */
    logIndex: jsonb().$type<LogBlock[]>(),
    /** The backend has forgotten it. */
    removedAt: instant(),
  },
  (t) => [
    primaryKey({ columns: [t.jobId, t.number] }),
    index("attempts_present_index").on(t.jobId).where(sql`${t.removedAt} is null`),
  ],
);
export type Attempt = typeof attempts.$inferSelect;

/** A run of lines of the stored log: where its gzip member lies. `firstLine` counts within the attempt. */
export type LogBlock = {
  readonly firstLine: number;
  readonly lineCount: number;
  readonly offset: number;
  readonly bytes: number;
  readonly warnings: number;
  readonly errors: number;
};

/** A file that a run made or changed. */
export const resultFiles = pgTable(
  "result_files",
  {
    jobId: uuid()
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    attempt: integer().notNull(),
    path: text().notNull(),
    sizeBytes: count().notNull(),
    sha256: text().notNull(),
    kind: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.attempt, t.path] })],
);
export type ResultFile = typeof resultFiles.$inferSelect;

/** Progress over time, one row a report while simulating. */
export const progressPoints = pgTable(
  "progress_points",
  {
    jobId: uuid()
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    attempt: integer().notNull(),
    seq: count().notNull(),
    at: instant().notNull(),
    progress: jsonb().$type<Progress>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.attempt, t.seq] })],
);

/** An answer that was given once and is given again for the same key. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    tenantId: text()
      .notNull()
      .references(() => tenants.id),
    key: text().notNull(),
    /** sha256 over the fields and the archive's hash. */
    requestHash: text().notNull(),
    jobId: uuid()
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.key] }),
    index().on(t.createdAt),
    index().on(t.jobId),
  ],
);
