import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "@/lib/domain/errors";

export type RateLimit = { take(key: string): Promise<void> };

/** Each portal process counts by itself: the limit protects it, it is no bill. */
export function createRateLimit(perMinute: number): RateLimit {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return {
    take: async (key) => {
      try {
        await limiter.consume(key);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw new AppError("RATE_LIMITED", `More than ${perMinute} requests in a minute. Wait and try again.`, {
          retryAfterSeconds: Math.max(1, error.msBeforeNext / 1_000),
        });
      }
    },
  };
}
