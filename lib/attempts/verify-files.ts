import { createHash } from "node:crypto";
import type { Finish } from "@/lib/domain/runner-protocol";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import type { AttemptUploads } from "./uploads";

type File = Finish["files"][number];

/**
 * Paths of the manifest that are not in storage with the right content. One with other content is
 * removed, so that the runner sends it again from the start.
 */
export async function findMissingFiles(
  store: ArtifactStore,
  uploads: AttemptUploads,
  files: readonly File[],
  keyOf: (path: string) => string,
): Promise<string[]> {
  const missing: string[] = [];
  for (const file of files) {
    const key = keyOf(file.path);
    const present = await uploads.exclusive(key, () => isPresent(store, uploads, key, file));
    if (!present) missing.push(file.path);
  }
  return missing;
}

async function isPresent(
  store: ArtifactStore,
  uploads: AttemptUploads,
  key: string,
  file: File,
): Promise<boolean> {
  const stored = await store.stat(key);
  if (!stored) return file.size_bytes === 0 && putEmpty(store, key, file);
  if (stored.sizeBytes < file.size_bytes) return false;
  if (stored.sizeBytes === file.size_bytes) {
    const sha256 = uploads.digest(key, file.size_bytes) ?? (await hashStored(store, key));
    uploads.keepDigest(key, file.size_bytes, sha256);
    if (sha256 === file.sha256) return true;
  }
  uploads.forget(key);
  await store.remove(key);
  return false;
}

/** An empty file needs no upload, since nothing of it is missing. */
async function putEmpty(store: ArtifactStore, key: string, file: File): Promise<boolean> {
  const { sha256 } = await store.put(key, new Uint8Array());
  return sha256 === file.sha256;
}

async function hashStored(store: ArtifactStore, key: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of await store.open(key)) hash.update(part as Buffer);
  return hash.digest("hex");
}
