import { describe, expect, test } from "vitest";
import { mendInterrupted, parseStepRecord, parseSumoTime } from "./step-log";

describe("step records of SUMO 1.15 and 1.27", () => {
  test.each([
    [
      "Step #600.00 (2ms ~= 500.00*RT, ~266000.00UPS, vehicles TOT 1373 ACT 532 BUF 83)          ",
      { timeSeconds: 600, realTimeFactor: 500, running: 532, waiting: 83 },
    ],
    [
      "Step #0.00 (0ms ?*RT. ?UPS, vehicles TOT 4 ACT 4 BUF 1)   ",
      { timeSeconds: 0, realTimeFactor: null, running: 4, waiting: 1 },
    ],
    [
      "Step #12.10 (8ms ~= 12.50*RT, ~100.00UPS, TraCI: 3ms, vehicles TOT 4 ACT 4 BUF 1)",
      { timeSeconds: 12.1, realTimeFactor: 12.5, running: 4, waiting: 1 },
    ],
    ["Step #300.00", { timeSeconds: 300, realTimeFactor: null, running: null, waiting: null }],
    [
      "Step #00:01:40 (1ms ~= 1000.00*RT, ~1.00UPS, vehicles TOT 33 ACT 26 BUF 1)",
      { timeSeconds: 100, realTimeFactor: 1000, running: 26, waiting: 1 },
    ],
  ])("%s", (text, record) => {
    expect(parseStepRecord(text)).toEqual(record);
  });

  test.each(["Step #", "Step #x", "Loading done.", "Step # 3 of the plan", ""])(
    "%j is a line, not a record",
    (text) => {
      expect(parseStepRecord(text)).toBeUndefined();
    },
  );
});

test.each([
  ["-1", -1],
  ["3600.5", 3600.5],
  ["01:00:02", 3602],
  ["1:00:00:01", 86_401],
  ["soon", undefined],
])("time %s is %s", (text, seconds) => {
  expect(parseSumoTime(text)).toBe(seconds);
});

test.each([
  [
    "Step #Interrupt signal received, trying to exit gracefully.",
    "Interrupt signal received, trying to exit gracefully.",
  ],
  [
    "37600.00 (0ms ?*RT. ?UPS, vehicles TOT 4178 ACT 6 BUF 0)   ",
    "Step #37600.00 (0ms ?*RT. ?UPS, vehicles TOT 4178 ACT 6 BUF 0)   ",
  ],
  ["3 vehicles", "3 vehicles"],
])("%j, cut by a signal, is %j", (text, mended) => {
  expect(mendInterrupted(text)).toBe(mended);
});
