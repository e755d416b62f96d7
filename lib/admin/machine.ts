import { availableParallelism, cpus, freemem, hostname, loadavg, totalmem, uptime } from "node:os";

/** This machine as the operating system sees it now. Bytes, seconds, cores. */
export type Machine = {
  readonly name: string;
  readonly cores: number;
  readonly usableCores: number;
  readonly load: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly bootedAt: Date;
};

export function readMachine(now: Date): Machine {
  return {
    name: hostname(),
    cores: cpus().length,
    usableCores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    bootedAt: new Date(now.getTime() - uptime() * 1_000),
  };
}
