import { lstat, readdir, statfs } from "node:fs/promises";
import { join } from "node:path";

const MIB = 2 ** 20;
/** So much is left to the machine, and to the runner for log and state. */
const RESERVE_MIB = 64;
const LOOK_MS = 1_000;
/** A look may take this share of the time. */
const SHARE = 0.02;

/** Watches what lies in a folder, and what is left on its disk. `isOver` tells of the last look. */
export class DiskWatch {
  readonly #dir: string;
  readonly #limitMib: number;
  readonly #abort = new AbortController();
  #over = false;

  constructor(dir: string, limitMib: number) {
    this.#dir = dir;
    this.#limitMib = limitMib;
    void this.#watch();
  }

  isOver(): boolean {
    return this.#over;
  }

  stop(): void {
    this.#abort.abort();
  }

  async #watch(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const started = performance.now();
      const used = await folderBytes(this.#dir);
      this.#over ||= used > this.#limitMib * MIB || (await freeDiskMib(this.#dir)) < RESERVE_MIB;
      await pause(Math.max(LOOK_MS, (performance.now() - started) / SHARE), this.#abort.signal);
    }
  }
}

export async function freeDiskMib(dir: string): Promise<number> {
  const found = await statfs(dir).catch(() => undefined);
  return found ? (found.bavail * found.bsize) / MIB : Number.POSITIVE_INFINITY;
}

/** Bytes of all files below; what goes away meanwhile counts nothing. Links are not followed. */
async function folderBytes(dir: string): Promise<number> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) bytes += await folderBytes(path);
    else bytes += (await lstat(path).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
