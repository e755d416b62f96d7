import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";

const TICKS_PER_SECOND = 100;

/** Memory that a process has in use, in MiB: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export async function memoryMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

/** CPU seconds of a process so far: fields 14 and 15 of /proc/<pid>/stat. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The processes that work in a folder or below it. */
export async function processesIn(folder: string): Promise<readonly number[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const cwd = await readlink(`/proc/${id}/cwd`).catch(() => "");
      const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
      return cwd.startsWith(folder) || command.includes(folder) ? [Number(id)] : [];
    }),
  );
  return found.flat().filter((pid) => pid !== process.pid);
}

/** SUMO itself among them. */
export async function sumoIn(folder: string): Promise<readonly number[]> {
  const ids = await processesIn(folder);
  const names = await Promise.all(
    ids.map((id) => readlink(`/proc/${id}/exe`).then(basename, () => "")),
  );
  return ids.filter((_, index) => names[index] === "sumo");
}
