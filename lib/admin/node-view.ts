import type { Machine } from "./machine";

export type Load = { readonly jobs: number; readonly cpu: number; readonly memoryMib: number };

/** This machine in the words of a Kubernetes node; `load` is what the jobs that run ask for. Pure. */
export function toNodeView(machine: Machine, load: Load) {
  return {
    name: machine.name,
    status: ["Ready"],
    capacity: { cpu: String(machine.cores), memory: kibibytes(machine.memoryBytes) },
    allocatable: { cpu: String(machine.usableCores), memory: kibibytes(machine.memoryBytes) },
    requested: { cpu: String(load.cpu), memory: `${load.memoryMib}Mi` },
    usage: {
      cpu: `${Math.round(Math.min(machine.load, machine.cores) * 1_000)}m`,
      memory: kibibytes(machine.memoryBytes - machine.freeMemoryBytes),
    },
    pods_running: load.jobs,
    created: machine.bootedAt.toISOString(),
  };
}

function kibibytes(bytes: number): string {
  return `${Math.floor(bytes / 1_024)}Ki`;
}
