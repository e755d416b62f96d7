import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "@/lib/domain/errors";

export type RateLimit = {
  /** Counts one; throws RATE_LIMITED above the limit. */
  take(key: string): Promise<void>;
  /** Throws RATE_LIMITED while `key` is above the limit, and counts nothing. */
  check(key: string): Promise<void>;
};

/** Each portal process counts by itself: the limit protects it, it is no bill. */
export function createRateLimit(perMinute: number): RateLimit {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  const refusal = ({ msBeforeNext }: RateLimiterRes) =>
    new AppError(
      "RATE_LIMITED",
      `More than ${perMinute} requests in a minute. Wait and try again.`,
      {
        retryAfterSeconds: Math.max(1, msBeforeNext / 1_000),
      },
    );
  return {
    take: async (key) => {
      try {
        await limiter.consume(key);
      } catch (error) {
        throw error instanceof RateLimiterRes ? refusal(error) : error;
      }
    },
    check: async (key) => {
      const counted = await limiter.get(key);
      if (counted && counted.consumedPoints > perMinute) throw refusal(counted);
    },
  };
}
