import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { watched } from "./memory-limit";

test("where no cgroup is permitted, the memory of a process and its children is seen", async () => {
  const child = spawn(
    "/bin/sh",
    [
      "-c",
      `"${process.execPath}" -e 'const b = Buffer.alloc(2e8, 1); setTimeout(() => b, 60000)'; true`,
    ],
    {
      detached: true,
    },
  );
  const pid = child.pid ?? 0;
  try {
    const limit = watched(pid, 150);
    for (const end = Date.now() + 20_000; !limit.isOver(); await sleep(50)) {
      if (Date.now() > end) throw new Error("The memory was not seen.");
    }
    expect(watched(pid, 4_000).isOver()).toBe(false);
  } finally {
    process.kill(-pid, "SIGKILL");
  }
});
