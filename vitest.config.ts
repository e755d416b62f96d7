import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: {
      "@": fileURLToPath(new URL(".", import.meta.url)),
    },
  },
  test: {
    include: ["{lib,runner,scripts}/**/*.test.ts", "tests/**/*.test.ts"],
    globalSetup: ["./tests/support/postgres.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
