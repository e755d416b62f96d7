import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = "/sys/fs/cgroup";
const PAGE_BYTES = 4_096;
const MIB = 2 ** 20;

export type MemoryLimit = {
  /** How it is held: by the kernel, or by looking. */
  readonly kind: "cgroup" | "watched";
  /** The kernel killed a process of the group for memory. */
  wasKilled(): boolean;
  /** The group uses more than it may; only ever true when watched. */
  isOver(): boolean;
  release(): void;
};

/** Holds a process and its children below `memoryMib`: by a cgroup where that is permitted, else by looking at RSS. */
export function limitMemory(pid: number, memoryMib: number, name: string): MemoryLimit {
  return inCgroup(pid, memoryMib, name) ?? watched(pid, memoryMib);
}

type Version = {
  readonly dir: string;
  readonly limits: Readonly<Record<string, string>>;
  readonly events: string;
};

function inCgroup(pid: number, memoryMib: number, name: string): MemoryLimit | undefined {
  const bytes = String(memoryMib * MIB);
  for (const { dir, limits, events } of versions(bytes)) {
    const group = join(dir, `${name}-${pid}`);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    if (setUp(group, limits, pid)) {
      return {
        kind: "cgroup",
        wasKilled: () => Number(/^oom_kill (\d+)$/m.exec(read(join(group, events)))?.[1] ?? 0) > 0,
        isOver: () => false,
        release: () => removeGroup(group),
      };
    }
    removeGroup(group);
  }
  return undefined;
}

/** This process's own groups, in which a smaller one can be made. The first of the limits must exist. */
function versions(bytes: string): Version[] {
  const own = read("/proc/self/cgroup");
  const v1 = /^\d+:(?:[\w,=]+,)?memory(?:,[\w,=]+)?:(.*)$/m.exec(own)?.[1];
  const v2 = /^0::(.*)$/m.exec(own)?.[1];
  const found: Version[] = [];
  if (v2 !== undefined && existsSync(join(ROOT, "cgroup.controllers"))) {
    const limits = { "memory.max": bytes, "memory.swap.max": "0", "memory.oom.group": "1" };
    found.push({ dir: join(ROOT, v2), limits, events: "memory.events" });
  }
  if (v1 !== undefined) {
    const limits = { "memory.limit_in_bytes": bytes, "memory.memsw.limit_in_bytes": bytes };
    found.push({ dir: join(ROOT, "memory", v1), limits, events: "memory.oom_control" });
  }
  return found;
}

function setUp(group: string, limits: Version["limits"], pid: number): boolean {
  const [first, ...others] = Object.entries(limits);
  if (!first || !existsSync(join(group, first[0]))) return false;
  try {
    writeFileSync(join(group, first[0]), first[1]);
    writeFileSync(join(group, "cgroup.procs"), String(pid));
  } catch {
    return false;
  }
  for (const [name, value] of others) {
    try {
      writeFileSync(join(group, name), value);
    } catch {
      // Swap is not counted on every kernel.
    }
  }
  return true;
}

function removeGroup(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // Its last process is not gone yet; an empty group costs nothing.
  }
}

/** The fallback: the resident memory of the process and its children. */
export function watched(pid: number, memoryMib: number): MemoryLimit {
  return {
    kind: "watched",
    wasKilled: () => false,
    isOver: () => residentBytes(pid) > memoryMib * MIB,
    release: () => undefined,
  };
}

function residentBytes(pid: number): number {
  const own = Number(read(`/proc/${pid}/statm`).split(" ")[1] ?? 0) * PAGE_BYTES;
  const children = read(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((child) => child !== "");
  return children.reduce((sum, child) => sum + residentBytes(Number(child)), own);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
