import type { KubeStatus } from "./wire";

/** A refusal of the API server. `reason` is Kubernetes' own word, for example `AlreadyExists`. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  readonly code: number;
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: number, status: KubeStatus, retryAfterSeconds?: number) {
    super(status.message ?? `The API server answered ${code}.`);
    this.code = code;
    this.reason = status.reason ?? "Unknown";
    this.retryAfterSeconds = retryAfterSeconds ?? status.details?.retryAfterSeconds;
  }
}

/** Structural, because the file can be bundled twice and `instanceof` would miss. */
export function isKubeError(error: unknown, code?: number): error is KubeError {
  if (!(error instanceof Error) || error.name !== "KubeError") return false;
  return code === undefined || (error as KubeError).code === code;
}
