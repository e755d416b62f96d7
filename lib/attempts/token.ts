import { createHmac, timingSafeEqual } from "node:crypto";
import { type AttemptName, parseAttemptName } from "@/lib/domain/attempt";

/** `<attempt name>.<HMAC-SHA256 of it>`: good for one attempt, and nothing about it has to be stored. */
export function attemptToken(secret: string, name: AttemptName): string {
  return `${name}.${sign(secret, name).toString("base64url")}`;
}

/** The attempt that a token was made for; undefined when it was not made with this secret. */
export function verifyAttemptToken(secret: string, token: string): AttemptName | undefined {
  const dot = token.lastIndexOf(".");
  const name = token.slice(0, Math.max(0, dot));
  if (!parseAttemptName(name)) return undefined;
  const given = Buffer.from(token.slice(dot + 1), "base64url");
  const expected = sign(secret, name);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return name as AttemptName;
}

function sign(secret: string, name: string): Buffer {
  return createHmac("sha256", secret).update(`attempt:${name}`).digest();
}
