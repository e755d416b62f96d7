/** What happened in one interval; intervals without any event are missing. */
export type Bucket = {
  /** Begin, in whole intervals since 1970. */
  readonly index: number;
  readonly submitted: number;
  readonly finished: number;
  /** Jobs that began to wait, less those that stopped waiting. */
  readonly queueChange: number;
  readonly waitSecondsMedian: number | null;
  readonly waitSecondsP95: number | null;
};

export const INTERVAL_SECONDS = 1_800;
export const INTERVALS = 48;

/** Number of the first interval of a series that ends with the one of `now`. */
export function firstInterval(now: Date): number {
  return intervalOf(now) - INTERVALS + 1;
}

/**
 * The last 24 hours, oldest first, with the queue's depth at each interval's end counted backwards
 * from `queuedNow`. Pure.
 */
export function toSeries(buckets: readonly Bucket[], queuedNow: number, now: Date) {
  const byIndex = new Map(buckets.map((bucket) => [bucket.index, bucket]));
  const last = intervalOf(now);
  let queued = queuedNow;
  const points = Array.from({ length: INTERVALS }, (_, back) => {
    const index = last - back;
    const bucket = byIndex.get(index);
    const point = {
      at: new Date(index * INTERVAL_SECONDS * 1_000).toISOString(),
      submitted: bucket?.submitted ?? 0,
      finished: bucket?.finished ?? 0,
      queued: Math.max(0, queued),
      wait_seconds_median: bucket?.waitSecondsMedian ?? null,
      wait_seconds_p95: bucket?.waitSecondsP95 ?? null,
    };
    queued -= bucket?.queueChange ?? 0;
    return point;
  });
  return points.reverse();
}

function intervalOf(time: Date): number {
  return Math.floor(time.getTime() / (INTERVAL_SECONDS * 1_000));
}
