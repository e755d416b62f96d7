import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { pathIn } from "@/lib/path-in";

const ABANDONED_MS = 24 * 3_600_000;

/** The folder for files in flight of this process alone: several portals may share one data folder. */
export function scratchFolder(root: string): string {
  return pathIn(root, `${hostname()}.${process.pid}.${PROCESS_STARTED}`);
}
const PROCESS_STARTED = Math.round(Date.now() - process.uptime() * 1_000);

/** Removes what processes that are gone left in flight. Those of other hosts count as gone after a day without a change. */
export async function sweepScratch(root: string, now: Date): Promise<void> {
  await mkdir(root, { recursive: true });
  const own = scratchFolder(root);
  for (const name of await readdir(root)) {
    const folder = pathIn(root, name);
    if (folder !== own && (isOfDeadProcess(name) || (await isAbandoned(folder, now)))) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function isOfDeadProcess(name: string): boolean {
  const [pid, host] = [name.split(".").at(-2), name.split(".").slice(0, -2).join(".")];
  if (host !== hostname()) return false;
  // A folder of our own number but another start is of an earlier life in a container.
  return Number(pid) === process.pid || !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function isAbandoned(folder: string, now: Date): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined && now.getTime() - found.mtimeMs > ABANDONED_MS;
}
