import { expect, test } from "vitest";
import { decide, type Known, MAX_ATTEMPTS, type Seen, type Step } from "./decide";

const now = new Date("2026-01-01T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000);
const ended: Seen = { phase: "ended", at: ago(2) };
const active: Seen = { phase: "active" };

const fresh: Known = {
  attemptNumber: 1,
  cancelRequestedAt: null,
  reason: "Starting",
  message: null,
  outcome: null,
  startedAt: null,
  lastReportAt: null,
  createdAt: ago(60),
  failedStarts: undefined,
};
const reporting: Known = { ...fresh, startedAt: ago(50), lastReportAt: ago(1) };
const outcome = {
  state: "SUCCEEDED",
  reason: "Completed",
  message: "Done.",
  exitCode: 0,
  signal: null,
} as const;

const table: readonly [string, Known, Seen, Step["do"]][] = [
  [
    "an outcome is made final while the runner still exists",
    { ...reporting, outcome },
    active,
    "finish",
  ],
  [
    "an outcome is made final after the runner is gone",
    { ...reporting, outcome },
    undefined,
    "finish",
  ],
  [
    "an outcome is made final though the backend cannot be seen",
    { ...reporting, outcome },
    "unknown",
    "finish",
  ],
  [
    "an outcome counts, though a cancel was asked",
    { ...reporting, outcome, cancelRequestedAt: ago(1) },
    active,
    "finish",
  ],
  ["nothing is judged lost while the backend cannot be seen", reporting, "unknown", "nothing"],
  ["an attempt that the backend never had is started", fresh, undefined, "start"],
  ["an attempt that runs and reports goes on", reporting, active, "nothing"],
  ["an attempt that has not spoken yet goes on", fresh, active, "nothing"],
  [
    "a start of a moment ago is not judged lost",
    { ...fresh, startedAt: ago(3) },
    undefined,
    "nothing",
  ],
  [
    "an attempt that vanished is replaced",
    { ...reporting, lastReportAt: ago(20) },
    undefined,
    "replace",
  ],
  ["an attempt that ended without a word is replaced", reporting, ended, "replace"],
  ["an attempt that ended before it spoke is replaced", fresh, ended, "replace"],
  [
    "the third lost attempt is the last",
    { ...reporting, attemptNumber: MAX_ATTEMPTS },
    ended,
    "fail",
  ],
  [
    "a start that was cut before it was noted is made again",
    fresh,
    { phase: "waiting", reason: "Starting" },
    "start",
  ],
  [
    "a wait at the backend is told",
    { ...fresh, startedAt: ago(50) },
    { phase: "waiting", reason: "ImagePull", message: "Pulling." },
    "explain",
  ],
  [
    "a wait that is told already is not told again",
    { ...fresh, startedAt: ago(50), reason: "ImagePull" },
    { phase: "waiting", reason: "ImagePull" },
    "nothing",
  ],
  [
    "a refused start is not tried again at once",
    { ...fresh, failedStarts: { count: 1, lastAt: ago(1) } },
    undefined,
    "nothing",
  ],
  [
    "a refused start is tried again",
    { ...fresh, failedStarts: { count: 1, lastAt: ago(6) } },
    undefined,
    "start",
  ],
  [
    "a start that was refused five times is a lost attempt",
    { ...fresh, failedStarts: { count: 5, lastAt: ago(6) } },
    undefined,
    "replace",
  ],
  [
    "a runner that reports has nine seconds for a cancel",
    { ...reporting, cancelRequestedAt: ago(8) },
    active,
    "nothing",
  ],
  [
    "a runner that does not end in time is ended by force",
    { ...reporting, cancelRequestedAt: ago(9) },
    active,
    "cancel",
  ],
  [
    "a cancel does not wait for a runner that never spoke",
    { ...fresh, cancelRequestedAt: ago(0) },
    active,
    "cancel",
  ],
  [
    "a cancel does not wait for a runner that is gone",
    { ...reporting, cancelRequestedAt: ago(0) },
    ended,
    "cancel",
  ],
  [
    "a cancel before the start starts nothing",
    { ...fresh, cancelRequestedAt: ago(0) },
    undefined,
    "cancel",
  ],
  [
    "ten minutes of silence are a lost attempt",
    { ...reporting, lastReportAt: ago(601) },
    active,
    "replace",
  ],
];

test.each(table)("%s", (_name, job, seen, step) => {
  expect(decide(job, seen, now, ago(3_600)).do).toBe(step);
});

test("silence while this portal was away proves nothing", () => {
  const silent = { ...reporting, lastReportAt: ago(5_000) };
  expect(decide(silent, active, now, ago(10)).do).toBe("nothing");
  expect(decide(silent, active, now, ago(601)).do).toBe("replace");
});

test("a lost attempt carries the time of its loss, not that of the look", () => {
  expect(decide(reporting, ended, now, ago(3_600))).toMatchObject({ at: ago(2) });
});
