import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Flows start portals and SUMO, which want the machine for themselves: one file at a time, after the rest. */
export default defineConfig({
  resolve: {
    alias: {
      "@": fileURLToPath(new URL(".", import.meta.url)),
    },
  },
  test: {
    globalSetup: ["./tests/support/postgres.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["{lib,runner,scripts}/**/*.test.ts", "tests/*.test.ts"],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "flows",
          include: ["tests/{contract,flows}/**/*.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
