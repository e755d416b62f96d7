import { bigint, timestamp } from "drizzle-orm/pg-core";

/** A point in time, to the millisecond, in UTC. */
export const instant = () => timestamp({ withTimezone: true, precision: 3 });

/** A count or size that may pass 2^31; below 2^53, so a number is exact. */
export const count = () => bigint({ mode: "number" });
