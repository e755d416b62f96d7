import { describe, expect, test } from "vitest";
import { type Bucket, firstInterval, INTERVALS, toSeries } from "./series";

const NOW = new Date("2026-03-01T10:10:00Z");
const LAST = Math.floor(NOW.getTime() / 1_800_000);

function bucket(back: number, part: Partial<Bucket>): Bucket {
  const none = {
    submitted: 0,
    finished: 0,
    queueChange: 0,
    waitSecondsMedian: null,
    waitSecondsP95: null,
  };
  return { index: LAST - back, ...none, ...part };
}

describe("the series of the last 24 hours", () => {
  test("has a point for each half hour, oldest first, the present one last", () => {
    const series = toSeries([], 0, NOW);
    expect(series).toHaveLength(INTERVALS);
    expect(series[0]?.at).toBe("2026-02-28T10:30:00.000Z");
    expect(series.at(-1)?.at).toBe("2026-03-01T10:00:00.000Z");
    expect(firstInterval(NOW)).toBe(LAST - 47);
  });

  test("counts the queue backwards from what waits now", () => {
    const buckets = [bucket(0, { queueChange: -3 }), bucket(1, { queueChange: 5, submitted: 5 })];
    const depths = toSeries(buckets, 2, NOW).map(({ queued }) => queued);
    expect(depths.slice(-3)).toEqual([0, 5, 2]);
  });

  test("keeps figures in their interval", () => {
    const buckets = [bucket(2, { finished: 7, waitSecondsMedian: 1.5, waitSecondsP95: 9 })];
    const at = toSeries(buckets, 0, NOW).at(-3);
    expect(at).toMatchObject({ finished: 7, wait_seconds_median: 1.5, wait_seconds_p95: 9 });
  });
});
