import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AttemptName,
  type AttemptRef,
  type AttemptSpec,
  type Observation,
  parseAttemptName,
} from "@/lib/domain/attempt";
import type { ExecutionBackend, OutputOptions } from "@/lib/execution/backend";
import { pathIn } from "@/lib/path-in";
import { attemptFiles, type LocalAttempt } from "./attempt-dir";
import { observeAttempt, readClaim } from "./observe-attempt";
import { killAllIn } from "./process";

const LOOK_MS = 1_000;
const KILL_LIMIT_MS = 5_000;
const MAX_OUTPUT_BYTES = 4 * 2 ** 20;
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export type LocalBackendOptions = {
  /** One folder per attempt. */
  readonly dir: string;
  readonly listenersDir: string;
  /** A path, or a name that is looked up in `searchPath`. */
  readonly sumoBinary: string;
  readonly sumoHome: string;
  readonly capacity: number;
  readonly searchPath?: string;
  /** The bundled runner; beside the server unless given. */
  readonly runner?: string;
};

/** Attempts as detached processes of this machine. All state is in `dir`, so several portals can share it. */
export class LocalBackend implements ExecutionBackend {
  readonly capacity: number;
  readonly #options: LocalBackendOptions;
  readonly #dir: string;

  constructor(options: LocalBackendOptions) {
    this.capacity = options.capacity;
    this.#options = options;
    this.#dir = resolve(options.dir);
  }

  async start({ name, token }: AttemptSpec): Promise<void> {
    const { listenersDir, sumoBinary, sumoHome } = this.#options;
    const dir = pathIn(this.#dir, name);
    const files = attemptFiles(dir);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    if (await readClaim(files.claim)) return;
    await writeWhole(files.attempt, {
      name,
      token,
      listeners_dir: resolve(listenersDir),
      sumo_binary: sumoBinary,
      sumo_home: sumoHome,
    } satisfies LocalAttempt);
    // Of several that are started at once, the first to claim the folder runs and the others leave.
    await this.#spawnRunner(dir, files.log);
  }

  async #spawnRunner(dir: string, logFile: string): Promise<void> {
    const runner = this.#options.runner ?? pathIn(process.cwd(), "dist", "runner.mjs");
    const log = await open(logFile, "a", 0o600);
    try {
      const child = spawn(process.execPath, [runner, dir], {
        cwd: dir,
        detached: true,
        env: { PATH: this.#options.searchPath ?? SYSTEM_PATH } as Record<
          string,
          string
        > as NodeJS.ProcessEnv,
        stdio: ["ignore", log.fd, log.fd],
      });
      await new Promise((done, failed) => child.once("spawn", done).once("error", failed));
      child.unref();
    } finally {
      await log.close();
    }
  }

  async observe(): Promise<ReadonlyMap<AttemptName, Observation>> {
    const now = new Date();
    const seen = new Map<AttemptName, Observation>();
    for (const name of await this.#names()) {
      const observation = await observeAttempt(pathIn(this.#dir, name), now);
      if (observation) seen.set(name, observation);
    }
    return seen;
  }

  async #names(): Promise<AttemptName[]> {
    const names = await readdir(this.#dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    return names.filter((name) => parseAttemptName(name) !== undefined) as AttemptName[];
  }

  async remove({ name }: AttemptRef): Promise<void> {
    if (!parseAttemptName(name)) return;
    const dir = pathIn(this.#dir, name);
    await forbid(attemptFiles(dir).claim);
    await killAllIn(dir, KILL_LIMIT_MS);
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  async *output({ name }: AttemptRef, { tailLines }: OutputOptions): AsyncIterable<string> {
    if (!parseAttemptName(name)) return;
    const content = await readFile(attemptFiles(pathIn(this.#dir, name)).log).catch(() =>
      Buffer.alloc(0),
    );
    const lines = content
      .subarray(-MAX_OUTPUT_BYTES)
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "");
    yield* tailLines === undefined ? lines : lines.slice(-tailLines);
  }

  async *changes(signal: AbortSignal): AsyncIterable<AttemptName> {
    let before = new Map<AttemptName, string>();
    while (!signal.aborted) {
      const now = await this.#phases();
      if (now) {
        const names = new Set([...before.keys(), ...now.keys()]);
        for (const name of names) if (before.get(name) !== now.get(name)) yield name;
        before = now;
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Undefined when they cannot be read just now: the next look will tell. */
  async #phases(): Promise<Map<AttemptName, string> | undefined> {
    const seen = await this.observe().catch(() => undefined);
    return seen && new Map([...seen].map(([name, { phase }]) => [name, phase]));
  }
}

/** Takes the claim of a folder that has none, so that a runner on its way there leaves again. */
async function forbid(claimFile: string): Promise<void> {
  const draft = `${claimFile}.${randomUUID()}`;
  try {
    await writeFile(draft, JSON.stringify({ pid: 0, start_time: "" }));
    await link(draft, claimFile);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" && code !== "ENOENT") throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeWhole(path: string, content: unknown): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(content), { mode: 0o600 });
  await rename(draft, path);
}
