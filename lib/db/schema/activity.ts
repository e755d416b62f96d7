import { bigint, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { JobReason } from "@/lib/domain/job-reason";
import { JOB_STATES } from "@/lib/domain/job-state";
import { instant } from "./columns";

/** The append-only record of who did what, and of every state and phase of a job (its timeline). */
export const activity = pgTable(
  "activity",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    /** When it happened, never when it was noticed. */
    at: instant().notNull().defaultNow(),
    tenantId: text(),
    jobId: uuid(),
    attempt: integer(),
    /** `key:<id>`, `admin:<id>`, `runner`, `portal`. */
    actor: text().notNull(),
    /** `job.submitted`, `job.state`, `job.phase`, `job.cancel`, `tenant.created`, `key.revoked` ... */
    action: text().notNull(),
    state: text({ enum: JOB_STATES }),
    reason: text().$type<JobReason>(),
    message: text(),
    data: jsonb().$type<Record<string, unknown>>(),
  },
  (t) => [index().on(t.jobId, t.id), index().on(t.tenantId, t.id), index().on(t.at)],
);
export type Activity = typeof activity.$inferSelect;
