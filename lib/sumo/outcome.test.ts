import { expect, test } from "vitest";
import { type Evidence, judgeOutcome } from "./outcome";

const END = "The final simulation step has been reached.";
const CLEAN: Evidence = {
  phase: "Simulating",
  exitCode: 0,
  signal: null,
  stopped: null,
  oomKilled: false,
  reason: END,
  errorCount: 0,
  errors: [],
  unclosedFiles: [],
  freeDiskMib: 10_000,
  limits: { memoryMib: 512, diskMib: 100, timeLimitSeconds: 60 },
};
const ERROR = [
  "Error: The edge 'x' within the route 'r' is not known.",
  " In file 'r.rou.xml'",
  " At line/column 3/1.",
  "Quitting (on error).",
];

const TABLE: readonly [string, Partial<Evidence>, string, string][] = [
  ["end reached", {}, "SUCCEEDED/Completed", END],
  [
    "network empty",
    { reason: "All vehicles have left the simulation." },
    "SUCCEEDED/Completed",
    "All vehicles",
  ],
  [
    "too many teleports",
    { reason: "Too many teleports." },
    "SUCCEEDED/StoppedEarly",
    "Too many teleports.",
  ],
  [
    "another rule of SUMO",
    { reason: "TraCI requested termination." },
    "SUCCEEDED/StoppedEarly",
    "TraCI",
  ],
  [
    "cancelled, exit 0",
    { stopped: "cancel", reason: "Interrupted." },
    "CANCELLED/CancelledByUser",
    "cancelled",
  ],
  [
    "cancelled, killed",
    { stopped: "cancel", exitCode: null, signal: "SIGKILL", reason: null },
    "CANCELLED/CancelledByUser",
    "kept",
  ],
  [
    "cancelled while checking",
    { stopped: "cancel", phase: "CheckingInputs", exitCode: 1 },
    "CANCELLED/CancelledByUser",
    "cancelled",
  ],
  ["time limit, exit 0", { stopped: "time", reason: "Interrupted." }, "FAILED/TimeLimit", "60 s"],
  [
    "memory watched",
    { stopped: "memory", exitCode: null, signal: "SIGKILL" },
    "FAILED/OutOfMemory",
    "512 MiB",
  ],
  [
    "memory by cgroup",
    { oomKilled: true, exitCode: null, signal: "SIGKILL", reason: null },
    "FAILED/OutOfMemory",
    "512 MiB",
  ],
  [
    "bad_alloc",
    {
      exitCode: 1,
      errorCount: 1,
      errors: ["Error: Error occurred: std::bad_alloc while parsing 'city.net.xml'"],
      reason: null,
    },
    "FAILED/OutOfMemory",
    "more memory",
  ],
  [
    "bad_alloc while checking",
    { phase: "CheckingInputs", exitCode: 1, errorCount: 1, errors: ["Error: std::bad_alloc"] },
    "FAILED/OutOfMemory",
    "memory",
  ],
  ["disk watched", { stopped: "disk", reason: "Interrupted." }, "FAILED/DiskFull", "100 MiB"],
  [
    "disk full, exit 0, outputs cut",
    { unclosedFiles: ["tripinfo.xml"], freeDiskMib: 0 },
    "FAILED/DiskFull",
    "tripinfo.xml",
  ],
  [
    "disk full told",
    {
      exitCode: 1,
      errorCount: 1,
      errors: ["Error: Could not build output file 'x' (No space left on device)."],
    },
    "FAILED/DiskFull",
    "full",
  ],
  [
    "outputs cut without cause",
    { unclosedFiles: ["summary.xml"] },
    "FAILED/SumoError",
    "summary.xml",
  ],
  [
    "assertion",
    {
      exitCode: 134,
      errors: ["sumo: ./src/a.cpp:1: Assertion `x' failed."],
      errorCount: 1,
      reason: null,
    },
    "FAILED/SumoCrashed",
    "Assertion",
  ],
  [
    "assertion as a signal",
    { exitCode: null, signal: "SIGABRT", reason: null },
    "FAILED/SumoCrashed",
    "SIGABRT",
  ],
  ["segmentation fault", { exitCode: 139, reason: null }, "FAILED/SumoCrashed", "139"],
  [
    "crash while checking",
    { phase: "CheckingInputs", exitCode: null, signal: "SIGSEGV" },
    "FAILED/SumoCrashed",
    "SIGSEGV",
  ],
  [
    "killed by somebody",
    { exitCode: null, signal: "SIGKILL", reason: null },
    "FAILED/SumoCrashed",
    "SIGKILL",
  ],
  ["terminated by somebody", { reason: "Interrupted." }, "FAILED/SumoError", "outside"],
  [
    "refused at load",
    { phase: "CheckingInputs", exitCode: 1, errorCount: 2, errors: ERROR, reason: null },
    "FAILED/InputInvalid",
    "In file 'r.rou.xml' At line/column 3/1.",
  ],
  [
    "errors at load, exit 0",
    { phase: "CheckingInputs", errorCount: 1, errors: ERROR },
    "FAILED/InputInvalid",
    "The edge 'x'",
  ],
  [
    "error while running",
    { exitCode: 1, errorCount: 2, errors: ERROR, reason: null },
    "FAILED/SumoError",
    "exit status 1",
  ],
  ["errors, exit 0 (1.15)", { errorCount: 12, errors: ERROR }, "FAILED/SumoError", "12 errors"],
  ["exit 0 without a reason", { reason: null }, "FAILED/SumoError", "without saying"],
  ["unknown exit status", { exitCode: 7, reason: null }, "FAILED/SumoError", "exit status 7"],
  [
    "broken pipe",
    { exitCode: null, signal: "SIGPIPE", reason: null },
    "FAILED/SumoError",
    "SIGPIPE",
  ],
  ["loads", { phase: "CheckingInputs" }, "SUCCEEDED/Completed", "loads"],
];

test.each(TABLE)("%s", (_name, evidence, expected, part) => {
  const outcome = judgeOutcome({ ...CLEAN, ...evidence });
  expect(`${outcome.state}/${outcome.reason}`).toBe(expected);
  expect(outcome.message).toContain(part);
  expect(outcome.message).not.toContain("Quitting");
});
