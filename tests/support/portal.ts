import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, readlink, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "@/lib/db/embedded";
import type { TenantLimits } from "@/lib/domain/tenant";
import { createTenant, type Submitted, submitArchive as sendArchive } from "@/scripts/portal-api";
import {
  endPortal,
  type PortalProcess,
  spawnPortal,
  waitUntilReady,
} from "@/scripts/portal-process";
import { createTestDatabase } from "./database";

const run = promisify(execFile);
const BUILD_LIMIT_MS = 300_000;

export type Portal = {
  readonly url: string;
  readonly adminKey: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly pid: number;
  /** Everything that the portal wrote so far, over restarts. */
  output(): string;
  /** Sends the signal (KILL when none is given) and resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** Starts it again after its end, on the same port, database and folder. */
  restart(): Promise<void>;
  /** Ends the portal and whatever it left running, and removes a data folder of its own. */
  stop(): Promise<void>;
};

type Options = {
  readonly databaseUrl?: string;
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** The built portal as a process of its own, ready to answer. Builds first when the sources changed. */
export async function startPortal(options: Options = {}): Promise<Portal> {
  const server = await buildPortal();
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "sumo-k8-portal-")));
  const databaseUrl = options.databaseUrl ?? (await createTestDatabase());
  const adminKey = "admin-key-of-the-test-portal";
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = environment({ databaseUrl, dataDir, adminKey, port, env: options.env ?? {} });
  const written: string[] = [];
  const start = async () => {
    const started = spawnPortal({
      args: [join(server, "server.js")],
      cwd: server,
      env,
      onOutput: (text) => written.push(text),
    });
    try {
      await waitUntilReady(started, url);
    } catch (cause) {
      await endPortal(started);
      throw new Error(`The portal did not start:\n${written.join("")}`, { cause });
    }
    return started;
  };
  let current: PortalProcess = await start();
  return {
    url,
    adminKey,
    databaseUrl,
    dataDir,
    get pid() {
      return current.child.pid ?? 0;
    },
    output: () => written.join(""),
    async kill(signal = "SIGKILL") {
      current.child.kill(signal);
      return current.exited;
    },
    async restart() {
      await endPortal(current);
      current = await start();
    },
    async stop() {
      await endPortal(current);
      await endLeftOvers(dataDir);
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type Settings = {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly adminKey: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
};

function environment({ databaseUrl, dataDir, adminKey, port, env }: Settings): NodeJS.ProcessEnv {
  return {
    NODE_ENV: "production",
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? dataDir,
    HOSTNAME: "127.0.0.1",
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    ADMIN_KEY: adminKey,
    SUMO_K8_DATA_DIR: dataDir,
    RATE_LIMIT_PER_MINUTE: "1000000",
    ...env,
  };
}

let build: Promise<string> | undefined;

/** The folder of a build of the present sources; one build serves all tests of a run. */
function buildPortal(): Promise<string> {
  build ??= run(process.execPath, ["scripts/build.mjs"], { timeout: BUILD_LIMIT_MS }).then(
    () => realpath("dist/current"),
    (cause: { stdout?: string; stderr?: string }) => {
      throw new Error(`The build failed:\n${cause.stdout}\n${cause.stderr}`, { cause });
    },
  );
  return build;
}

/** Runners outlive a portal on purpose; at a test's end those of its own folder are ended. */
async function endLeftOvers(dataDir: string): Promise<void> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const id of ids) {
    const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
    const folder = await readlink(`/proc/${id}/cwd`).catch(() => "");
    if (!command.includes(dataDir) && !folder.startsWith(dataDir)) continue;
    try {
      process.kill(Number(id), "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** Makes a tenant through the API and returns a key of it. */
export function createTenantWithKey(
  portal: Pick<Portal, "url" | "adminKey">,
  tenantId: string,
  limits: Partial<TenantLimits> = {},
): Promise<string> {
  return createTenant(portal, tenantId, toWire(limits));
}

/** The API counts memory and storage in GiB. */
function toWire(limits: Partial<TenantLimits>): Record<string, number> {
  const toSnake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const entries = Object.entries(limits).map(([name, value]): [string, number] =>
    name.endsWith("Mib")
      ? [toSnake(name).replace(/_mib$/, "_gi"), value / 1_024]
      : [toSnake(name), value],
  );
  return Object.fromEntries(entries);
}

/** Submits a zip by its path, with the multipart call that a script would make; throws when refused. */
export function submitArchive(
  portal: Pick<Portal, "url">,
  key: string,
  path: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Submitted> {
  return sendArchive(portal.url, key, path, fields);
}

/** Submits one of `examples/`: "town-morning", "gridlock" or "collisions". */
export function submitExample(
  portal: Pick<Portal, "url">,
  key: string,
  example: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Submitted> {
  return submitArchive(portal, key, `examples/${example}.zip`, fields);
}
