import { AppError, type ErrorCode, isAppError, statusOf } from "@/lib/domain/errors";

const TITLES: Partial<Record<ErrorCode, string>> = {
  INVALID_INPUT: "The request is not valid",
  NOT_FOUND: "Not found",
  UNAUTHENTICATED: "Authentication failed",
  RATE_LIMITED: "Too many requests",
  QUEUE_FULL: "The queue is full",
  UNAVAILABLE: "Not available now",
  STORAGE_FULL: "Not available now",
};

/** RFC 9457. `detail` is what a first-generation client shows. */
export function problem(error: AppError, requestId: string): Response {
  const status = statusOf(error.code);
  const body = {
    type: `urn:sumo-k8:${error.code.toLowerCase().replaceAll("_", "-")}`,
    title: TITLES[error.code] ?? error.message,
    status,
    detail: error.message,
    code: error.code,
    errors: error.faults,
    request_id: requestId,
  };
  const headers = new Headers({
    "content-type": "application/problem+json",
    "x-request-id": requestId,
    "cache-control": "no-store",
  });
  if (error.retryAfterSeconds !== undefined) {
    headers.set("retry-after", String(Math.ceil(error.retryAfterSeconds)));
  }
  return new Response(JSON.stringify(body), { status, headers });
}

/** Any thrown thing as a refusal that may be shown. What is not known becomes INTERNAL, its cause kept for the log. */
export function toAppError(error: unknown): AppError {
  if (isAppError(error)) return error;
  if (isDatabaseAway(error)) {
    return new AppError(
      "UNAVAILABLE",
      "The database cannot be reached now. Nothing was lost; try again shortly.",
      {
        cause: error,
        retryAfterSeconds: 5,
      },
    );
  }
  if (hasCode(error, ["ENOSPC", "EDQUOT", "53100"])) {
    return new AppError(
      "STORAGE_FULL",
      "The portal's disk is full. Nothing was changed; an administrator must free space.",
      {
        cause: error,
        retryAfterSeconds: 60,
      },
    );
  }
  return new AppError(
    "INTERNAL",
    "Something went wrong on our side. Name the request id to your administrator.",
    {
      cause: error,
    },
  );
}

const DATABASE_AWAY = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EPIPE",
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "57P01",
  "57P02",
  "57P03",
  "53300",
  "08006",
];

function isDatabaseAway(error: unknown): boolean {
  return hasCode(error, DATABASE_AWAY);
}

/** Looks through causes: drizzle wraps the driver's error. */
function hasCode(error: unknown, codes: readonly string[]): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && codes.includes(String(at.code))) return true;
  }
  return false;
}
