import { index, pgTable, text } from "drizzle-orm/pg-core";
import type { KeyScope } from "@/lib/domain/tenant";
import { instant } from "./columns";
import { tenants } from "./tenants";

export const apiKeys = pgTable(
  "api_keys",
  {
    /** The public part of the key; safe to log. */
    id: text().primaryKey(),
    /** Null: a key of an administrator. */
    tenantId: text().references(() => tenants.id, { onDelete: "cascade" }),
    name: text().notNull(),
    /** sha256 of the whole key, in hex. The key itself is shown once and kept nowhere. */
    hash: text().notNull().unique(),
    scopes: text().array().$type<KeyScope[]>().notNull(),
    createdAt: instant().notNull().defaultNow(),
    expiresAt: instant(),
    revokedAt: instant(),
    lastUsedAt: instant(),
  },
  (t) => [index().on(t.tenantId)],
);
export type ApiKey = typeof apiKeys.$inferSelect;
