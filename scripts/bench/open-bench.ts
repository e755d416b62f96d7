import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@/lib/db/embedded";
import { bundle } from "@/scripts/bundle.mjs";
import type { Bench } from "./part";
import { type Portal, startBenchPortal } from "./portal";
import { processesIn } from "./process-stats";

type OpenBench = Bench & {
  /** The last lines that its portals wrote, for a part that broke off. */
  portalOutput(): string;
  close(): Promise<void>;
};

/** What one part works with; `close` ends and removes everything that it started. */
export async function openBench(
  serverUrl: string,
  dir: string,
  isFull: boolean,
): Promise<OpenBench> {
  await mkdir(dir, { recursive: true });
  const portals: Portal[] = [];
  const floors: ChildProcess[] = [];
  return {
    isFull,
    dir,
    say: (text) => void process.stdout.write(`   ${text}\n`),
    async portal(options) {
      const portal = await startBenchPortal(serverUrl, dir, options);
      portals.push(portal);
      return portal;
    },
    async floor() {
      const { child, url } = await startFloor(serverUrl, dir);
      floors.push(child);
      return url;
    },
    portalOutput: () => portals.map((portal) => portal.output().slice(-4_000)).join("\n"),
    async close() {
      await Promise.all(portals.map((portal) => portal.stop()));
      for (const floor of floors) floor.kill();
      for (const pid of await processesIn(dir)) end(pid);
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function startFloor(serverUrl: string, dir: string) {
  const program = join(process.cwd(), "dist/scripts/floor-server.mjs");
  await bundle(process.cwd(), "scripts/bench/floor-server.ts", program, "external");
  const folder = join(dir, "floor");
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const child = spawn(process.execPath, [program, serverUrl, folder, String(port)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await new Promise((done, failed) => {
    child.once("message", done);
    child.once("exit", () => failed(new Error("The floor's server ended.")));
  });
  return { child, url: `http://127.0.0.1:${port}` };
}

/** Runners and simulations outlive a portal on purpose. */
function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
