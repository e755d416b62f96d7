import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AttemptSpec, attemptName } from "@/lib/domain/attempt";
import { LocalBackend } from "@/lib/execution/local/backend";
import { processesIn } from "@/lib/execution/local/process";
import { runnerBundle } from "./runner-bundle";
import { RunnerPortal, type RunnerPortalOptions } from "./runner-portal";

export type LocalAttempt = {
  readonly portal: RunnerPortal;
  readonly backend: LocalBackend;
  readonly spec: AttemptSpec;
  /** The attempt's folder. */
  readonly dir: string;
  /** Another backend on the same folder, as a second portal has it. */
  readonly other: () => LocalBackend;
  /** Processes of the attempt: the runner and SUMO. */
  readonly processes: () => Promise<number[]>;
  readonly runnerPid: () => Promise<number>;
  readonly end: () => Promise<void>;
};

type Files = Readonly<Record<string, string | Buffer>>;

/** An attempt on this machine that is not started yet, with a portal that waits for it. */
export async function localAttempt(
  files: Files,
  options: RunnerPortalOptions & {
    readonly sumoBinary?: string;
    readonly searchPath?: string;
  } = {},
): Promise<LocalAttempt> {
  const root = mkdtempSync(join(tmpdir(), "sumo-k8-runs-"));
  const jobId = randomUUID();
  const name = attemptName(jobId, 1);
  const portal = await new RunnerPortal(name, files, options).open();
  const runner = await runnerBundle();
  const other = () =>
    new LocalBackend({
      dir: root,
      listenersDir: portal.listenersDir,
      sumoBinary: options.sumoBinary ?? "sumo",
      sumoHome: "/usr/share/sumo",
      capacity: 2,
      runner,
      ...(options.searchPath === undefined ? {} : { searchPath: options.searchPath }),
    });
  const backend = other();
  const dir = join(root, name);
  return {
    portal,
    backend,
    other,
    dir,
    spec: {
      name,
      namespace: "tenant",
      jobId,
      tenantId: "tenant",
      number: 1,
      token: "the-token",
      cpu: 1,
      memoryMib: 512,
      diskMib: 512,
      timeLimitSeconds: 600,
    } as AttemptSpec,
    processes: () => processesIn(dir),
    async runnerPid() {
      const claim = JSON.parse(await readFile(join(dir, "claim.json"), "utf8")) as { pid: number };
      return claim.pid;
    },
    async end() {
      await backend.remove({ name, namespace: "tenant" });
      await portal.end();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Starts it and has it removed by `cleanUp`. */
export async function startedAttempt(
  cleanUp: (() => Promise<unknown>)[],
  ...parameters: Parameters<typeof localAttempt>
): Promise<LocalAttempt> {
  const attempt = await localAttempt(...parameters);
  cleanUp.push(attempt.end);
  await attempt.backend.start(attempt.spec);
  return attempt;
}
