import type { Finish } from "@/lib/domain/runner-protocol";

type Reason = Finish["outcome"]["reason"];

/** The run cannot go on; the message is for the user. */
export class RunFailure extends Error {
  override readonly name = "RunFailure";
  readonly reason: Reason;

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** How an attempt ends that its own runner could not carry through. */
export function toOutcome(error: unknown): Finish["outcome"] {
  const none = { exit_code: null, signal: null, state: "FAILED" as const };
  if (error instanceof RunFailure) return { ...none, reason: error.reason, message: error.message };
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return { ...none, reason: "DiskFull", message: "The disk of the machine is full." };
  }
  return { ...none, reason: "Internal", message: "The runner failed; its own log has the cause." };
}
