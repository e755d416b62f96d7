import { rm, writeFile } from "node:fs/promises";
import type { Database } from "@/lib/db/client";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { toStorageError } from "@/lib/storage/local-file";
import { findKnownBlobs } from "./store";

const MAX_PENDING_BYTES = 8 * 2 ** 20;
const MAX_PENDING = 500;
const WRITERS = 8;

type Pending = { readonly content: Uint8Array } | { readonly file: string };

/** Collects the contents of one archive: those that the tenant lacks become local files, ready to be adopted. */
export class BlobIntake {
  readonly #database: Database;
  readonly #store: ArtifactStore;
  readonly #tenantId: string;
  readonly #isKnownTrusted: boolean;
  readonly #sizes = new Map<string, number>();
  readonly #files = new Map<string, string>();
  readonly #pending = new Map<string, Pending>();
  #pendingBytes = 0;

  /** Without trust, contents that the tenant has are written all the same. */
  constructor(database: Database, store: ArtifactStore, tenantId: string, isKnownTrusted: boolean) {
    this.#database = database;
    this.#store = store;
    this.#tenantId = tenantId;
    this.#isKnownTrusted = isKnownTrusted;
  }

  /** Size by hash of all contents, each once. */
  get sizes(): ReadonlyMap<string, number> {
    return this.#sizes;
  }

  /** Local file by hash, of those that the tenant lacked; complete after `flush`. */
  get files(): ReadonlyMap<string, string> {
    return this.#files;
  }

  async addContent(sha256: string, content: Uint8Array): Promise<void> {
    if (!this.#isNew(sha256, content.length)) return;
    this.#pending.set(sha256, { content });
    this.#pendingBytes += content.length;
    await this.#flushWhenFull();
  }

  /** Takes over a local file. */
  async addFile(sha256: string, file: string, sizeBytes: number): Promise<void> {
    if (!this.#isNew(sha256, sizeBytes)) return rm(file, { force: true });
    this.#pending.set(sha256, { file });
    await this.#flushWhenFull();
  }

  async flush(): Promise<void> {
    const batch = [...this.#pending];
    if (batch.length === 0) return;
    const known = this.#isKnownTrusted
      ? await findKnownBlobs(
          this.#database.sql,
          this.#tenantId,
          batch.map(([sha256]) => sha256),
        )
      : new Set<string>();
    for (let at = 0; at < batch.length; at += WRITERS) {
      await Promise.all(
        batch
          .slice(at, at + WRITERS)
          .map(([sha256, pending]) => this.#settle(sha256, pending, known)),
      );
    }
    this.#pending.clear();
    this.#pendingBytes = 0;
  }

  /** Removes what was not adopted. */
  async discard(): Promise<void> {
    const waiting = [...this.#pending.values()].flatMap((pending) =>
      "file" in pending ? [pending.file] : [],
    );
    await Promise.all(
      [...waiting, ...this.#files.values()].map((file) => rm(file, { force: true })),
    );
  }

  #isNew(sha256: string, sizeBytes: number): boolean {
    if (this.#sizes.has(sha256)) return false;
    this.#sizes.set(sha256, sizeBytes);
    return true;
  }

  async #flushWhenFull(): Promise<void> {
    if (this.#pending.size >= MAX_PENDING || this.#pendingBytes >= MAX_PENDING_BYTES)
      await this.flush();
  }

  async #settle(sha256: string, pending: Pending, known: ReadonlySet<string>): Promise<void> {
    if (known.has(sha256)) {
      if ("file" in pending) await rm(pending.file, { force: true });
      return;
    }
    if ("file" in pending) {
      this.#files.set(sha256, pending.file);
      return;
    }
    const file = await this.#store.scratchFile();
    this.#files.set(sha256, file);
    await writeFile(file, pending.content, { mode: 0o600 }).catch((error: unknown) => {
      throw toStorageError(error);
    });
  }
}
