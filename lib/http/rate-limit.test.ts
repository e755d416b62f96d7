import { expect, test } from "vitest";
import { createRateLimit } from "./rate-limit";

test("the limit counts each key by itself and says when to come again", async () => {
  const limit = createRateLimit(2);
  await limit.take("a");
  await limit.take("a");
  await expect(limit.take("a")).rejects.toMatchObject({ code: "RATE_LIMITED" });
  const error: unknown = await limit.take("a").catch((reason: unknown) => reason);
  expect(error).toHaveProperty("retryAfterSeconds");
  await limit.take("b");
});

test("a check refuses what is above the limit, and counts nothing", async () => {
  const limit = createRateLimit(1);
  for (let n = 0; n < 5; n += 1) await limit.check("a");
  await limit.take("a");
  await limit.check("a");
  await expect(limit.take("a")).rejects.toMatchObject({ code: "RATE_LIMITED" });
  await expect(limit.check("a")).rejects.toMatchObject({ code: "RATE_LIMITED" });
});
