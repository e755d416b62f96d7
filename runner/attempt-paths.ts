import { join } from "node:path";

/** Files through which the parts of a runner speak, so that each can be another process or be started again. */
export type AttemptPaths = ReturnType<typeof attemptPaths>;

export function attemptPaths(dir: string) {
  const spool = join(dir, "spool");
  return {
    dir,
    spool,
    /** The folder SUMO runs in: the inputs, and what the run makes of them. */
    work: join(dir, "work"),
    /** RunnerSpec, as the portal gave it. */
    spec: join(spool, "spec.json"),
    /** InputFile[]: the inputs as they lie in `work` before the run. Its presence means: all are there. */
    inputs: join(spool, "inputs.json"),
    /** One LogLine in JSON per line; the line's number is the attempt's. */
    lines: join(spool, "lines.ndjson"),
    phases: join(spool, "phases.json"),
    progress: join(spool, "progress.json"),
    command: join(spool, "command.json"),
    /** A request to stop, written by the agent. */
    stop: join(spool, "stop.json"),
    /** How it ended, written last by the one who ran SUMO. */
    ended: join(spool, "ended.json"),
    /** The agent's own state. */
    agent: join(spool, "agent.json"),
    finished: join(dir, "finished.json"),
  };
}
