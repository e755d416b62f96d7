import { z } from "zod";
import { pathIn } from "@/lib/path-in";

/** `attempt.json`, mode 0600: what a runner on this machine is told by the backend. All else comes from the portal. */
export const LocalAttempt = z.object({
  name: z.string(),
  token: z.string(),
  /** Folder in which live portals say where they listen, one `<port>.json` each. */
  listeners_dir: z.string(),
  sumo_binary: z.string(),
  sumo_home: z.string(),
});
export type LocalAttempt = z.infer<typeof LocalAttempt>;

/** `claim.json`: the one process that runs the attempt; pid 0 when it must not run any more. */
export const Claim = z.object({ pid: z.int(), start_time: z.string() });
export type Claim = z.infer<typeof Claim>;

/** Files of an attempt's folder that backend and runner share. */
export function attemptFiles(dir: string) {
  return {
    attempt: pathIn(dir, "attempt.json"),
    claim: pathIn(dir, "claim.json"),
    /** The portal has accepted the finish. */
    finished: pathIn(dir, "finished.json"),
    /** What the runner itself says. */
    log: pathIn(dir, "runner.log"),
    heartbeat: pathIn(dir, "spool", "agent.json"),
  };
}
