import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { count, instant } from "./columns";

export const tenants = pgTable("tenants", {
  /** Chosen by the administrator; stands in URLs and on the first generation's wire. */
  id: text().primaryKey(),
  namespace: text().notNull().unique(),
  maxCpu: integer().notNull(),
  maxMemoryMib: integer().notNull(),
  maxConcurrentJobs: integer().notNull(),
  maxQueuedJobs: integer().notNull(),
  maxStorageMib: integer().notNull(),
  maxRunSeconds: integer().notNull(),
  retentionDays: integer().notNull(),
  /** Bytes of inputs, results and logs; moved in the transaction that adds or frees them. */
  storedBytes: count().notNull().default(0),
  /** Its QUEUED jobs, moved in the statement that queues or starts one: the limit costs no count. */
  queuedJobs: integer().notNull().default(0),
  suspendedAt: instant(),
  /** When this tenant last got a turn: ties between tenants go to who waited longest. */
  lastAdmittedAt: instant(),
  createdAt: instant().notNull().defaultNow(),
});
export type Tenant = typeof tenants.$inferSelect;
