import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

const READY_POLL_MS = 50;
const READY_LIMIT_MS = 60_000;

export type PortalProcess = {
  readonly child: ChildProcess;
  /** The exit code, or the signal's name. */
  readonly exited: Promise<number | NodeJS.Signals>;
};

type Spawn = {
  /** Node's arguments: the server of a build, or Next's development server. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where its output goes; without it, to this process's own. */
  readonly onOutput?: (text: string) => void;
};

/** Starts the portal as a child that ends by itself when this process is gone (the IPC channel closes). */
export function spawnPortal({ args, cwd, env, onOutput }: Spawn): PortalProcess {
  const output = onOutput ? "pipe" : "inherit";
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    stdio: ["ignore", output, output, "ipc"],
  });
  if (onOutput) {
    child.stdout?.setEncoding("utf8").on("data", onOutput);
    child.stderr?.setEncoding("utf8").on("data", onOutput);
  }
  const exited = new Promise<number | NodeJS.Signals>((done) => {
    child.once("error", () => done(1));
    child.once("exit", (code, signal) => done(signal ?? code ?? 1));
  });
  return { child, exited };
}

/** Resolves when `/ready` answers 200; throws when the process ends before, or after a minute. */
export async function waitUntilReady(portal: PortalProcess, url: string): Promise<void> {
  let ended: number | NodeJS.Signals | undefined;
  portal.exited.then(
    (code) => {
      ended = code;
    },
    () => undefined,
  );
  const limit = Date.now() + READY_LIMIT_MS;
  while (Date.now() < limit) {
    if (ended !== undefined) throw new Error(`The portal ended while starting (${ended}).`);
    if (await isReady(url)) return;
    await sleep(READY_POLL_MS);
  }
  throw new Error(`The portal at ${url} was not ready within ${READY_LIMIT_MS / 1000} s.`);
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
}

/** TERM, then KILL when the process is still there after `graceMs`. */
export async function endPortal({ child, exited }: PortalProcess, graceMs = 10_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const late = sleep(graceMs, "late" as const, { ref: false });
  if ((await Promise.race([exited, late])) === "late") child.kill("SIGKILL");
  await exited;
}
