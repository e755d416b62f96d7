import { v7 } from "uuid";

/** A new UUIDv7 and the moment in it: ids sort by submission, also within one millisecond of a process. */
export function makeJobId(): { id: string; submittedAt: Date } {
  const id = v7();
  return { id, submittedAt: new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)) };
}

/** The smallest UUIDv7 of a moment: `id >= lowestIdAt(t)` means "submitted at t or later" and uses the index of ids. */
export function lowestIdAt(at: Date): string {
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, "0").slice(-12);
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
