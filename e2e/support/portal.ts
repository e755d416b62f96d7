import { execFile } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "@/lib/db/embedded";
import { launch } from "@/scripts/launcher";

const run = promisify(execFile);
const ADMIN_KEY = "admin-key-of-the-browser-tests";

/** Starts the built portal for all browser tests; they find it in PORTAL_URL and PORTAL_ADMIN_KEY. */
export default async function setup(): Promise<() => Promise<void>> {
  await run(process.execPath, ["scripts/build.mjs"], { timeout: 300_000 });
  const cwd = await realpath("dist/current");
  const dataDir = await mkdtemp(join(tmpdir(), "sumo-k8-browser-tests-"));
  const launched = await launch({
    environment: {
      PATH: process.env.PATH ?? "",
      NODE_ENV: "production",
      PORT: String(await freePort()),
      ADMIN_KEY,
      SUMO_K8_DATA_DIR: dataDir,
    },
    cwd,
    args: () => [join(cwd, "server.js")],
    onOutput: () => undefined,
  });
  process.env.PORTAL_URL = launched.url;
  process.env.PORTAL_ADMIN_KEY = ADMIN_KEY;
  return async () => {
    await launched.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
