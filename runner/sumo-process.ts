import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { StopCause } from "@/lib/sumo/outcome";
import { limitMemory, type MemoryLimit } from "./memory-limit";

const LOOK_MS = 250;
const GRACE_SECONDS = 10;
/** Pipes close with the last process that holds them; what is still in them comes at once. */
const DRAIN_MS = 2_000;

/** A reason to stop, and for how long SUMO may close its files. */
export type StopRequest = { readonly cause: StopCause; readonly graceSeconds: number };

export type SumoProcess = {
  /** Absolute path of the program, and what goes before SUMO's own arguments. */
  readonly program: readonly [string, ...string[]];
  readonly args: readonly string[];
  readonly cwd: string;
  readonly sumoHome: string;
  readonly memoryMib: number;
  readonly name: string;
  readonly onOutput: (stream: "stdout" | "stderr", piece: Buffer) => void;
  /** Asked every 250 ms. */
  readonly shouldStop: () => StopRequest | null;
};

export type SumoExit = {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stopped: StopCause | null;
  readonly oomKilled: boolean;
  /** The moment at which the process ended. */
  readonly at: Date;
};

/**
 * Runs SUMO in a process group of its own, with nothing but SUMO_HOME around it, within its memory; ends the whole
 * group by TERM and, after the grace, KILL when asked to. Throws when it cannot be started.
 */
export async function runSumo(run: SumoProcess): Promise<SumoExit> {
  const [program, ...before] = run.program;
  const child = spawn(program, [...before, ...run.args], {
    cwd: run.cwd,
    env: { SUMO_HOME: run.sumoHome } as unknown as NodeJS.ProcessEnv, // Next's types ask for NODE_ENV
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  await new Promise((done, failed) => child.once("spawn", done).once("error", failed));
  const pid = child.pid ?? 0;
  const killOnExit = () => signalGroup(pid, "SIGKILL");
  process.once("exit", killOnExit);
  const memory = limitMemory(pid, run.memoryMib, run.name);
  child.stdout?.on("data", (piece: Buffer) => run.onOutput("stdout", piece));
  child.stderr?.on("data", (piece: Buffer) => run.onOutput("stderr", piece));
  const closed = new Promise<void>((done) => child.once("close", () => done()));
  const watch = watchOver(pid, memory, run.shouldStop);
  const { exitCode, signal, at } = await exitOf(child);
  watch.end();
  process.off("exit", killOnExit);
  signalGroup(pid, "SIGKILL"); // whatever it may have left behind
  await Promise.race([closed, sleep(DRAIN_MS)]);
  const oomKilled = memory.wasKilled();
  memory.release();
  return { exitCode, signal, at, oomKilled, stopped: watch.stopped() };
}

function exitOf(child: ChildProcess): Promise<Pick<SumoExit, "exitCode" | "signal" | "at">> {
  return new Promise((done) => {
    child.once("exit", (exitCode, signal) => done({ exitCode, signal, at: new Date() }));
  });
}

/** TERM once there is a reason, KILL after the grace. Too much memory has no time to wait. */
function watchOver(pid: number, memory: MemoryLimit, shouldStop: () => StopRequest | null) {
  let stopped: StopCause | null = null;
  let killAt = Number.POSITIVE_INFINITY;
  const look = () => {
    const request = memory.isOver() ? { cause: "memory" as const, graceSeconds: 0 } : shouldStop();
    if (request && stopped === null) {
      stopped = request.cause;
      const grace = Math.min(request.graceSeconds, GRACE_SECONDS);
      killAt = performance.now() + grace * 1_000;
      signalGroup(pid, grace > 0 ? "SIGTERM" : "SIGKILL");
    }
    if (performance.now() >= killAt) signalGroup(pid, "SIGKILL");
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return { end: () => clearInterval(timer), stopped: () => stopped };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (pid <= 1) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone.
  }
}
