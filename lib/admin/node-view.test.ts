import { expect, test } from "vitest";
import { readMachine } from "./machine";
import { toNodeView } from "./node-view";

const NOW = new Date("2026-03-01T10:00:00Z");

test("this machine reads as one Kubernetes node, in Kubernetes' quantities", () => {
  const machine = {
    name: "host-1",
    cores: 2,
    usableCores: 2,
    load: 1.234,
    memoryBytes: 24_689_664 * 1_024,
    freeMemoryBytes: 4_689_664 * 1_024,
    bootedAt: NOW,
  };
  expect(toNodeView(machine, { jobs: 1, cpu: 1, memoryMib: 1_024 })).toEqual({
    name: "host-1",
    status: ["Ready"],
    capacity: { cpu: "2", memory: "24689664Ki" },
    allocatable: { cpu: "2", memory: "24689664Ki" },
    requested: { cpu: "1", memory: "1024Mi" },
    usage: { cpu: "1234m", memory: "20000000Ki" },
    pods_running: 1,
    created: "2026-03-01T10:00:00.000Z",
  });
});

test("the machine is read from the operating system", () => {
  const machine = readMachine(NOW);
  expect(machine.cores).toBeGreaterThanOrEqual(machine.usableCores);
  expect(machine.freeMemoryBytes).toBeLessThan(machine.memoryBytes);
  expect(machine.bootedAt.getTime()).toBeLessThan(NOW.getTime());
});
