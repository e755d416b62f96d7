import { expect, test } from "vitest";
import { createTestDatabase } from "@/tests/support/database";
import { migrateDatabase } from "./migrate";

test("six portals that migrate at once all succeed", async () => {
  const url = await createTestDatabase();
  const all = Array.from({ length: 6 }, () => migrateDatabase(url, "drizzle"));
  await expect(Promise.all(all)).resolves.toHaveLength(6);
});
