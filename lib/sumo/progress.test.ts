import { describe, expect, test } from "vitest";
import { lastSummaryStep, type Moment, toProgress } from "./progress";

const at = (timeSeconds: number, wallSeconds: number): Moment => ({
  wallSeconds,
  step: { timeSeconds, realTimeFactor: 7, running: 3, waiting: 1 },
});
const BASIS = { beginSeconds: 100, endSeconds: 1100, demandEndSeconds: null };

describe("progress", () => {
  test("percentage and time left come from the wall time of the last records", () => {
    expect(toProgress(BASIS, [at(300, 2), at(600, 5)], { meanSpeed: 9.5, teleports: 2 })).toEqual({
      time_seconds: 600,
      begin_seconds: 100,
      end_seconds: 1100,
      end_is_estimate: false,
      percent: 50,
      running: 3,
      waiting: 1,
      mean_speed: 9.5,
      teleports: 2,
      real_time_factor: 100,
      remaining_seconds: 5,
    });
  });

  test("without an end the last departure is the estimate, and none once it has passed", () => {
    const basis = { beginSeconds: 0, endSeconds: null, demandEndSeconds: 800 };
    expect(toProgress(basis, [at(400, 1)], null)).toMatchObject({
      end_seconds: 800,
      end_is_estimate: true,
      percent: 50,
    });
    expect(toProgress(basis, [at(900, 1)], null)).toMatchObject({
      end_seconds: null,
      end_is_estimate: true,
      percent: null,
      remaining_seconds: null,
    });
  });

  test("nothing is known before the first record", () => {
    expect(toProgress(BASIS, [], null)).toBeNull();
  });
});

test.each([
  [
    '<step time="1.00" teleports="3" meanSpeed="8.10" x="1"/>\n    <step time="2.00" tele',
    { meanSpeed: 8.1, teleports: 3 },
  ],
  ['<step time="1.00" teleports="0" meanSpeed="-1.00"/>', { meanSpeed: null, teleports: 0 }],
  ["<summary>", undefined],
])("last step of %s", (text, figures) => {
  expect(lastSummaryStep(text)).toEqual(figures);
});
