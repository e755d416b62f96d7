/** Every refusal the portal knows, with its HTTP status: the only map from one to the other. */
const STATUS_BY_CODE = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  RANGE_NOT_SATISFIABLE: 416,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INVALID_INPUT: 422,
  RATE_LIMITED: 429,
  QUEUE_FULL: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  STORAGE_FULL: 503,
} as const;
export type ErrorCode = keyof typeof STATUS_BY_CODE;

/** One thing that is wrong: where (a form field, or a file and line of the upload) and what, in words. */
export type Fault = {
  readonly field?: string;
  readonly file?: string;
  readonly line?: number;
  readonly message: string;
};

export type AppErrorOptions = ErrorOptions & {
  readonly faults?: readonly Fault[];
  readonly retryAfterSeconds?: number;
};

/** `message` and `faults` are shown to users; anything internal belongs in `cause`. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.faults = options.faults ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

// Next bundles instrumentation and routes separately, so `instanceof` can miss.
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === "AppError" && "code" in error;
}

export function statusOf(code: ErrorCode): number {
  return STATUS_BY_CODE[code];
}

/** `what` is a noun that first-generation scripts look for: "Job" or "Tenant". */
export function notFound(what: string): AppError {
  return new AppError("NOT_FOUND", `${what} not found.`);
}
