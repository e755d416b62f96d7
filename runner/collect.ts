import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptPaths } from "./attempt-paths";
import { InputFile, readJson } from "./spool-files";

/**
 * Paths of the files that the run made or changed, relative to its folder. Links are neither followed nor
 * taken: they could lead anywhere.
 */
export async function collectResults(paths: AttemptPaths): Promise<string[]> {
  const inputs = new Map(
    (readJson(paths.inputs, InputFile.array()) ?? []).map((input) => [input.path, input]),
  );
  const results: string[] = [];
  for await (const path of filesBelow(paths.work, "")) {
    const input = inputs.get(path);
    if (!input || (await isChanged(join(paths.work, path), input))) results.push(path);
  }
  return results.toSorted();
}

async function* filesBelow(root: string, folder: string): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, path);
    else if (entry.isFile()) yield path;
  }
}

async function isChanged(path: string, input: InputFile): Promise<boolean> {
  const { size, mtimeMs } = await lstat(path);
  if (size !== input.size_bytes) return true;
  return mtimeMs !== input.modified_ms && (await sha256Of(path)) !== input.sha256;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest("hex");
}
