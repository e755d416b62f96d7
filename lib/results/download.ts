import { posix } from "node:path";
import type { Readable } from "node:stream";
import type { Database } from "@/lib/db/client";
import type { Job, ResultFile } from "@/lib/db/schema/jobs";
import { AppError, notFound } from "@/lib/domain/errors";
import type { ServedFile } from "@/lib/http/file-response";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { resultKey } from "@/lib/storage/keys";
import { findPresentAttempt, findResultFile, listResultFiles } from "./store";
import { zipStream } from "./zip";

type Deps = { readonly database: Database; readonly store: ArtifactStore };

/** One result by its exact path in the manifest: no other file can be reached. Throws NOT_FOUND. */
export async function getResult(
  { database, store }: Deps,
  job: Job,
  path: string | undefined,
): Promise<ServedFile> {
  const file = path === undefined ? undefined : await findResultFile(database.db, job, path);
  if (!file) throw notFound("Result file");
  const { sizeBytes, sha256 } = file;
  const key = keyOf(job, file);
  return {
    name: posix.basename(file.path),
    sizeBytes,
    sha256,
    open: (range) => store.open(key, range),
  };
}

/** All results, or those that `wanted` names: paths, or folders with a slash at the end. Throws NOT_FOUND. */
export async function zipResults(
  { database, store }: Deps,
  job: Job,
  wanted: readonly string[],
): Promise<Readable> {
  const [attempt, all] = await Promise.all([
    findPresentAttempt(database.db, job),
    listResultFiles(database.db, job),
  ]);
  if (!attempt?.finishedAt)
    throw new AppError("CONFLICT", "The job has no results yet; they come when its run has ended.");
  const files =
    wanted.length === 0 ? all : all.filter(({ path }) => wanted.some((each) => names(each, path)));
  const unknown = wanted.find((each) => !all.some(({ path }) => names(each, path)));
  if (unknown !== undefined) throw notFound(`Result file '${unknown}'`);
  const entries = files.map((file) => ({
    path: file.path,
    key: keyOf(job, file),
    sizeBytes: file.sizeBytes,
  }));
  return zipStream(store, entries, attempt.finishedAt);
}

function names(wanted: string, path: string): boolean {
  return wanted.endsWith("/") ? path.startsWith(wanted) : path === wanted;
}

function keyOf(job: Job, { attempt, path }: ResultFile): string {
  return resultKey(job.tenantId, job.id, attempt, path);
}
