import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { AppError, notFound } from "@/lib/domain/errors";
import { pathIn } from "@/lib/path-in";
import type { ArtifactStore, StoredObject } from "./artifact-store";
import { requireStorageKey, SCRATCH_PART } from "./keys";
import { type Content, hasCode, toStorageError, writeAt, writeNew } from "./local-file";
import { scratchFolder, sweepScratch } from "./scratch";

/** Objects are files below `dir`. Not fsynced: PostgreSQL says what exists, and a run can be repeated. */
export class FileArtifactStore implements ArtifactStore {
  readonly #dir: string;
  readonly #scratchRoot: string;
  readonly #scratch: string;

  constructor(dir: string) {
    this.#dir = dir;
    this.#scratchRoot = pathIn(dir, SCRATCH_PART);
    this.#scratch = scratchFolder(this.#scratchRoot);
  }

  async recover(now: Date): Promise<void> {
    await sweepScratch(this.#scratchRoot, now);
  }

  async put(key: string, content: Content): Promise<{ sizeBytes: number; sha256: string }> {
    const path = this.#path(key);
    const scratch = await this.scratchFile();
    try {
      const written = await writeNew(scratch, content);
      await renameInto(scratch, path);
      return written;
    } catch (error) {
      await rm(scratch, { force: true });
      throw toStorageError(error);
    }
  }

  async append(key: string, offset: number, content: Content): Promise<number> {
    const path = this.#path(key);
    const file = await openAt(path, offset);
    try {
      requireOffset((await file.stat()).size, offset);
      return offset + (await writeAt(file, offset, content));
    } catch (error) {
      throw toStorageError(error);
    } finally {
      await file.close();
    }
  }

  async open(key: string, range?: { start: number; end: number }): Promise<Readable> {
    const file = await open(this.#path(key), "r").catch(rethrowMissing);
    return createReadStream("", { fd: file, highWaterMark: 256 * 1_024, ...range });
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    try {
      const { size, mtime } = await stat(this.#path(key));
      return { sizeBytes: size, modifiedAt: mtime };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    const path = this.#path(key);
    await rm(path, { force: true });
    await rmdir(dirname(path)).catch(() => undefined); // only when it is empty
  }

  async removeAll(prefix: string): Promise<void> {
    const path = this.#path(prefix);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }

  async move(from: string, to: string): Promise<void> {
    await renameInto(this.#path(from), this.#path(to)).catch(rethrowMissing);
  }

  async adopt(localPath: string, key: string): Promise<void> {
    await renameInto(localPath, this.#path(key)).catch((error: unknown) => {
      throw toStorageError(error);
    });
  }

  async withLocalFile<T>(key: string, use: (path: string) => Promise<T>): Promise<T> {
    const path = this.#path(key);
    await stat(path).catch(rethrowMissing);
    return use(path);
  }

  async scratchFile(): Promise<string> {
    await mkdir(this.#scratch, { recursive: true, mode: 0o700 });
    return pathIn(this.#scratch, randomUUID());
  }

  #path(key: string): string {
    return pathIn(this.#dir, requireStorageKey(key));
  }
}

async function openAt(path: string, offset: number): Promise<FileHandle> {
  if (offset === 0) return withParent(path, () => open(path, "a", 0o600));
  return open(path, "r+").catch((error: unknown) => {
    if (isMissing(error)) requireOffset(0, offset);
    throw error;
  });
}

function requireOffset(size: number, offset: number): void {
  if (size === offset) return;
  throw new AppError("CONFLICT", `The file has ${size} bytes, not ${offset}. Go on at ${size}.`);
}

async function renameInto(from: string, to: string): Promise<void> {
  await withParent(to, () => rename(from, to));
}

/** Makes the folder only when it turns out to be missing, and again when another remover was faster. */
async function withParent<T>(path: string, act: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (!isMissing(error) || tries === 3) throw error;
      await mkdir(dirname(path), { recursive: true });
    }
  }
}

function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR");
}

function rethrowMissing(error: unknown): never {
  throw isMissing(error) ? notFound("File") : toStorageError(error);
}
