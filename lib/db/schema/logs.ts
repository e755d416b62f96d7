import { customType, integer, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";
import { count, instant } from "./columns";
import { jobs } from "./jobs";

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** Log lines of a running attempt, as they came: gzip of one JSON array a line (lib/logs/codec.ts). */
export const logChunks = pgTable(
  "log_chunks",
  {
    jobId: uuid()
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    attempt: integer().notNull(),
    /** Counts within the attempt. */
    firstLine: count().notNull(),
    lineCount: integer().notNull(),
    warnings: integer().notNull(),
    errors: integer().notNull(),
    createdAt: instant().notNull().defaultNow(),
    lines: bytea().notNull(),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.attempt, t.firstLine] })],
);
