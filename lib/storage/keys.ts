import { AppError } from "@/lib/domain/errors";

/** Files in flight live here, so no object may. */
export const SCRATCH_PART = ".scratch";
const MAX_KEY_BYTES = 4_000;
const MAX_PART_BYTES = 255;

/** The content of one input file, kept once per tenant. Two levels, so that no folder has a million entries. */
export function blobKey(tenantId: string, sha256: string): string {
  return `tenants/${tenantId}/blobs/${sha256.slice(0, 2)}/${sha256}`;
}

export function uploadKey(tenantId: string, uploadId: string): string {
  return `tenants/${tenantId}/uploads/${uploadId}`;
}

export function tenantPrefix(tenantId: string): string {
  return `tenants/${tenantId}`;
}

export function jobPrefix(tenantId: string, jobId: string): string {
  return `tenants/${tenantId}/jobs/${jobId}`;
}

/** `path` is the result's path within the run's folder, control characters and all. */
export function resultKey(tenantId: string, jobId: string, attempt: number, path: string): string {
  const safe = path.replaceAll(/[\p{Cc}%]/gu, encodeURIComponent);
  return `${jobPrefix(tenantId, jobId)}/attempts/${attempt}/results/${safe}`;
}

export function logKey(tenantId: string, jobId: string, attempt: number): string {
  return `${jobPrefix(tenantId, jobId)}/attempts/${attempt}/log.jsonl.gz`;
}

/** A relative POSIX path without `.`, `..`, empty parts or control characters, that a file system can hold. */
export function isStorageKey(key: string): boolean {
  const parts = key.split("/");
  return (
    Buffer.byteLength(key) <= MAX_KEY_BYTES && parts[0] !== SCRATCH_PART && parts.every(isKeyPart)
  );
}

/** Throws BAD_REQUEST: names of results come from runners, so a wrong key is a caller's fault. */
export function requireStorageKey(key: string): string {
  if (isStorageKey(key)) return key;
  throw new AppError("BAD_REQUEST", `'${printable(key)}' cannot be the name of a stored file.`);
}

function isKeyPart(part: string): boolean {
  if (part === "" || part === "." || part === "..") return false;
  return Buffer.byteLength(part) <= MAX_PART_BYTES && !hasControl(part);
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}

function printable(text: string): string {
  const safe = JSON.stringify(text).slice(1, -1);
  return safe.length > 200 ? `${safe.slice(0, 200)}...` : safe;
}
