import { createHash, type Hash } from "node:crypto";

type Entry = { readonly size: number; readonly hash: Hash };

const MAX_ENTRIES = 20_000;

/**
 * What this process knows of files that runners send: the running hash of each, so that a large file
 * need not be read again at the end, and a lock per file. Only a cache: another portal or a restart costs a read.
 */
export class AttemptUploads {
  readonly #entries = new Map<string, Entry>();
  readonly #digests = new Map<string, { size: number; sha256: string }>();
  readonly #locks = new Map<string, Promise<unknown>>();

  /** Runs one after another for the same key. */
  async exclusive<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#locks.get(key);
    const run = (before ?? Promise.resolve()).then(work, work);
    const settled = run.then(
      () => undefined,
      () => undefined,
    );
    this.#locks.set(key, settled);
    try {
      return await run;
    } finally {
      if (this.#locks.get(key) === settled) this.#locks.delete(key);
    }
  }

  /** The hash of the first `offset` bytes, taken out: who writes more puts it back. */
  take(key: string, offset: number): Hash | undefined {
    const entry = this.#entries.get(key);
    this.forget(key);
    if (offset === 0) return createHash("sha256");
    return entry?.size === offset ? entry.hash : undefined;
  }

  keep(key: string, size: number, hash: Hash): void {
    this.#entries.set(key, { size, hash });
    trim(this.#entries);
  }

  forget(key: string): void {
    this.#entries.delete(key);
    this.#digests.delete(key);
  }

  /** sha256 of a whole file of this size, if it is known. */
  digest(key: string, size: number): string | undefined {
    const known = this.#digests.get(key);
    if (known?.size === size) return known.sha256;
    const entry = this.#entries.get(key);
    return entry?.size === size ? entry.hash.copy().digest("hex") : undefined;
  }

  keepDigest(key: string, size: number, sha256: string): void {
    this.#digests.set(key, { size, sha256 });
    trim(this.#digests);
  }
}

function trim(map: Map<string, unknown>): void {
  if (map.size <= MAX_ENTRIES) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
