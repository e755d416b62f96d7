import { isSameSecret } from "@/lib/auth/same-secret";
import { AppError } from "@/lib/domain/errors";
import { isLoopback } from "./client-address";

/** With a token configured the caller must have it; else the caller must be on this machine. Throws. */
export function requireMetricsReader(
  headers: Headers,
  address: string,
  token: string | undefined,
): void {
  if (!token) {
    if (isLoopback(address)) return;
    throw new AppError(
      "FORBIDDEN",
      "Figures are for this machine only: set METRICS_TOKEN to read them from elsewhere.",
    );
  }
  const given = headers.get("authorization")?.replace(/^Bearer\s+/i, "") ?? "";
  if (!isSameSecret(given, token)) {
    throw new AppError("UNAUTHENTICATED", "Send METRICS_TOKEN as 'Authorization: Bearer TOKEN'.");
  }
}
