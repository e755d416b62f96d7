import { defineConfig } from "@playwright/test";

/** The built portal with a database of its own is started once by e2e/support/portal.ts. */
export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/support/portal.ts",
  workers: 1,
  forbidOnly: true,
  timeout: 60_000,
  outputDir: "test-results",
  use: {
    // Set by the global setup, which runs before a worker reads this file.
    ...(process.env.PORTAL_URL && { baseURL: process.env.PORTAL_URL }),
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium-headless-shell",
      args: ["--no-sandbox"],
    },
  },
});
