import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Claim } from "./attempt-dir";

/**
 * When a process began, in clock ticks since the machine's start; undefined when there is none or only
 * its remains (a zombie). With the pid it names a process for good, since pids are used again.
 * Fields 3 and 22 of /proc/<pid>/stat (man 5 proc).
 */
export async function processStartTime(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field is the program's name in brackets and may have blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

export async function isAlive({ pid, start_time }: Claim): Promise<boolean> {
  return pid > 0 && (await processStartTime(pid)) === start_time;
}

/** Processes whose working folder is `dir` or below. Everything of an attempt has it there. */
export async function processesIn(dir: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const inside = await Promise.all(
    pids.map(async (pid) => {
      const folder = await readlink(`/proc/${pid}/cwd`).catch(() => "");
      return (
        isWithin(folder.replace(/ \(deleted\)$/, ""), dir) &&
        (await processStartTime(pid)) !== undefined
      );
    }),
  );
  return pids.filter((pid, at) => inside[at] && pid !== process.pid);
}

function isWithin(path: string, dir: string): boolean {
  return path === dir || path.startsWith(`${dir}/`);
}

/** Kills everything that works in `dir`, until nothing is left. Throws when that takes more than `limitMs`. */
export async function killAllIn(dir: string, limitMs: number): Promise<void> {
  for (const end = Date.now() + limitMs; ; await sleep(20)) {
    const pids = await processesIn(dir);
    if (pids.length === 0) return;
    if (Date.now() > end)
      throw new Error(`Processes ${pids.join(", ")} in ${dir} cannot be ended.`);
    for (const pid of pids) kill(pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}
