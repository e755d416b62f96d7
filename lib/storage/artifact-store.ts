import type { Readable } from "node:stream";

/** A key is a relative POSIX path without `.`, `..` or empty parts. */
export type StoredObject = { readonly sizeBytes: number; readonly modifiedAt: Date };

/** Where files live. tests/contract/artifact-store.ts defines "works". A full disk is AppError STORAGE_FULL. */
export interface ArtifactStore {
  /** Writes the whole object; readers see the old one or the new one, never a part. */
  put(key: string, content: Readable | Uint8Array): Promise<{ sizeBytes: number; sha256: string }>;
  /**
   * Appends at `offset`, which must be the present size (0 for a new object), and returns the new size.
   * Throws AppError CONFLICT when it is not; `sizeOf` then tells where to go on.
   */
  append(key: string, offset: number, content: Readable | Uint8Array): Promise<number>;
  /** `start` and `end` are byte positions, `end` inclusive. Throws NOT_FOUND. */
  open(key: string, range?: { start: number; end: number }): Promise<Readable>;
  stat(key: string): Promise<StoredObject | undefined>;
  /** Absent is success. */
  remove(key: string): Promise<void>;
  /** Removes all objects whose key begins with `prefix/`. */
  removeAll(prefix: string): Promise<void>;
  /** Moves an object; replaces what is there. */
  move(from: string, to: string): Promise<void>;
}
