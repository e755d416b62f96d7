import type { AttemptPhase } from "@/lib/domain/attempt";
import type { Finish } from "@/lib/domain/runner-protocol";

export type Outcome = Finish["outcome"];

/** Why the runner itself ended SUMO. */
export type StopCause = "cancel" | "time" | "memory" | "disk";

/** Everything that is known at the end of SUMO. */
export type Evidence = {
  readonly phase: Extract<AttemptPhase, "CheckingInputs" | "Simulating">;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stopped: StopCause | null;
  /** The kernel killed it for memory. */
  readonly oomKilled: boolean;
  /** Text after `Reason: `. */
  readonly reason: string | null;
  readonly errorCount: number;
  /** The first error lines with the lines that belong to them. */
  readonly errors: readonly string[];
  /** Outputs that do not end with a closing tag. */
  readonly unclosedFiles: readonly string[];
  readonly freeDiskMib: number;
  readonly limits: {
    readonly memoryMib: number;
    readonly diskMib: number;
    readonly timeLimitSeconds: number;
  };
};

const FULL_DISK_MIB = 16;
const ENDED_BY_ITSELF = [
  "The final simulation step has been reached.",
  "All vehicles have left the simulation.",
];
const CRASH_CODES = new Set([132, 134, 135, 136, 139]);
const CRASH_SIGNALS = new Set(["SIGABRT", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL"]);

type Verdict = Pick<Outcome, "state" | "reason" | "message">;

/** What a run has come to. SUMO's exit status alone does not tell: it is 0 on a full disk and after errors. */
export function judgeOutcome(evidence: Evidence): Outcome {
  const verdict =
    stoppedByUs(evidence) ??
    outOfMemory(evidence) ??
    crashed(evidence) ??
    diskFull(evidence) ??
    refused(evidence) ??
    ended(evidence);
  return { ...verdict, exit_code: evidence.exitCode, signal: evidence.signal };
}

function stoppedByUs({ stopped, limits }: Evidence): Verdict | undefined {
  switch (stopped) {
    case "cancel":
      return {
        state: "CANCELLED",
        reason: "CancelledByUser",
        message: "The run was cancelled. What SUMO wrote until then is kept.",
      };
    case "time":
      return failed(
        "TimeLimit",
        `The run took longer than its limit of ${limits.timeLimitSeconds} s and was stopped. What SUMO wrote until then is kept.`,
      );
    case "memory":
      return failed("OutOfMemory", memoryMessage(limits.memoryMib));
    case "disk":
      return failed(
        "DiskFull",
        `The run wrote more than fits (limit ${limits.diskMib} MiB, or the disk of the machine is full) and was stopped. Write fewer or smaller outputs, or ask for a higher limit.`,
      );
    case null:
      return undefined;
  }
}

function outOfMemory({ oomKilled, errors, limits }: Evidence): Verdict | undefined {
  if (!oomKilled && !errors.some((line) => line.includes("std::bad_alloc"))) return undefined;
  return failed("OutOfMemory", memoryMessage(limits.memoryMib));
}

function memoryMessage(memoryMib: number): string {
  return `SUMO needed more than the ${memoryMib} MiB of memory that the job has. Ask for more memory.`;
}

function crashed({ exitCode, signal, errors }: Evidence): Verdict | undefined {
  if (signal === "SIGKILL" || exitCode === 137) {
    return failed(
      "SumoCrashed",
      "SUMO was killed from outside (SIGKILL), by the system or an administrator of the machine.",
    );
  }
  const crash = CRASH_SIGNALS.has(signal ?? "") || CRASH_CODES.has(exitCode ?? 0);
  if (!crash) return undefined;
  const how = signal ?? `exit status ${exitCode}`;
  return failed(
    "SumoCrashed",
    `SUMO crashed (${how}): a fault in SUMO that this scenario brings out.${quote(errors)}`,
  );
}

function diskFull({ errors, unclosedFiles, freeDiskMib, phase }: Evidence): Verdict | undefined {
  const told = errors.some((line) => /No space left on device|Disk quota exceeded/.test(line));
  const cut = phase === "Simulating" && unclosedFiles.length > 0 && freeDiskMib < FULL_DISK_MIB;
  if (!told && !cut) return undefined;
  return failed(
    "DiskFull",
    `The disk of the machine is full; outputs are cut off${cut ? ` (${unclosedFiles.join(", ")})` : ""}.`,
  );
}

function refused({ phase, exitCode, signal, errorCount, errors }: Evidence): Verdict | undefined {
  if (exitCode === 0 && errorCount === 0) return undefined;
  if (phase === "CheckingInputs") {
    return failed("InputInvalid", `SUMO cannot load the scenario.${quote(errors)}`);
  }
  if (exitCode === 0) {
    const count = errorCount === 1 ? "an error" : `${errorCount} errors`;
    return failed(
      "SumoError",
      `SUMO reported ${count} and went on, so the results are not complete.${quote(errors)}`,
    );
  }
  return failed(
    "SumoError",
    `SUMO stopped with an error (${signal ?? `exit status ${exitCode}`}).${quote(errors)}`,
  );
}

function ended({ phase, reason, unclosedFiles }: Evidence): Verdict {
  if (phase === "CheckingInputs")
    return { state: "SUCCEEDED", reason: "Completed", message: "The scenario loads." };
  if (reason === "Interrupted.") {
    return failed(
      "SumoError",
      "SUMO was interrupted by a signal from outside; what it wrote until then is kept.",
    );
  }
  if (unclosedFiles.length > 0) {
    return failed(
      "SumoError",
      `SUMO ended without finishing its outputs (${unclosedFiles.join(", ")}): they are cut off.`,
    );
  }
  if (reason === null)
    return failed("SumoError", "SUMO ended without saying that the simulation reached its end.");
  if (ENDED_BY_ITSELF.includes(reason))
    return { state: "SUCCEEDED", reason: "Completed", message: reason };
  return {
    state: "SUCCEEDED",
    reason: "StoppedEarly",
    message: `SUMO stopped before the end by its own rules: ${reason}`,
  };
}

function failed(reason: Outcome["reason"], message: string): Verdict {
  return { state: "FAILED", reason, message };
}

function quote(errors: readonly string[]): string {
  const text = errors
    .filter((line) => !line.startsWith("Quitting"))
    .slice(0, 6)
    .map((line) => line.trim())
    .join(" ");
  return text === "" ? "" : ` SUMO says: ${text.slice(0, 2_000)}`;
}
