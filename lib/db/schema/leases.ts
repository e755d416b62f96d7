import { pgTable, text } from "drizzle-orm/pg-core";
import { count, instant } from "./columns";

/** Who leads. `epoch` grows with every new holder and fences the writes of the old one. */
export const leases = pgTable("leases", {
  name: text().primaryKey(),
  holder: text().notNull(),
  epoch: count().notNull(),
  expiresAt: instant().notNull(),
});
