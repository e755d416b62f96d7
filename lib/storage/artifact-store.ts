import type { Readable } from "node:stream";

/** A key is a relative POSIX path without `.`, `..` or empty parts. */
export type StoredObject = { readonly sizeBytes: number; readonly modifiedAt: Date };

/** Where files live. tests/contract/artifact-store.ts defines "works". A full disk is AppError STORAGE_FULL. */
export interface ArtifactStore {
  /** Writes the whole object; readers see the old one or the new one, never a part. */
  put(key: string, content: Readable | Uint8Array): Promise<{ sizeBytes: number; sha256: string }>;
  /**
   * Appends at `offset`, which must be the present size (0 for a new object), and returns the new size.
   * Throws AppError CONFLICT when it is not; `stat` then tells where to go on. What arrived of a stream
   * that broke stays. The caller sees to it that one object has one writer at a time.
   */
  append(key: string, offset: number, content: Readable | Uint8Array): Promise<number>;
  /** `start` and `end` are byte positions, `end` inclusive. Throws NOT_FOUND. */
  open(key: string, range?: { start: number; end: number }): Promise<Readable>;
  stat(key: string): Promise<StoredObject | undefined>;
  /** Absent is success. */
  remove(key: string): Promise<void>;
  /** Removes all objects whose key begins with `prefix/`. */
  removeAll(prefix: string): Promise<void>;
  /** Moves an object; replaces what is there. Throws NOT_FOUND. */
  move(from: string, to: string): Promise<void>;
  /** Makes an object of a local file, which is gone afterwards; replaces what is there. */
  adopt(localPath: string, key: string): Promise<void>;
  /** Gives `use` a local file with the object's content, to be read only and while it runs. Throws NOT_FOUND. */
  withLocalFile<T>(key: string, use: (path: string) => Promise<T>): Promise<T>;
  /** A new name for a local file in flight, on the store's own file system. Who takes it removes it. */
  scratchFile(): Promise<string>;
  /** Once at start-up: removes the files in flight of processes that are gone. */
  recover(now: Date): Promise<void>;
}
