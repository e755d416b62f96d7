import { AppError } from "@/lib/domain/errors";
import type { StorageStanding } from "./store";

const BYTES_PER_MIB = 2 ** 20;

/**
 * Throws when a tenant may not store `addedBytes` more: TOO_LARGE with the numbers, FORBIDDEN for a suspended one. It is
 * TOO_LARGE, not QUEUE_FULL: waiting does not help, only deleting does.
 */
export function requireRoom(standing: StorageStanding, addedBytes: number, what: string): void {
  const { storedBytes, maxStorageMib, isSuspended } = standing;
  if (isSuspended) {
    throw new AppError(
      "FORBIDDEN",
      "This tenant is suspended, so it cannot upload. Ask your administrator.",
    );
  }
  if (storedBytes + addedBytes <= maxStorageMib * BYTES_PER_MIB) return;
  throw new AppError(
    "TOO_LARGE",
    `${what} needs ${toMib(addedBytes)} MiB more, but of your storage of ${maxStorageMib} MiB, ${toMib(storedBytes)} MiB are used. Delete finished jobs or scenarios first.`,
  );
}

function toMib(bytes: number): number {
  return Math.ceil((bytes / BYTES_PER_MIB) * 10) / 10;
}
