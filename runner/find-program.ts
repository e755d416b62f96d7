import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";

/** Absolute path of a program, looked up in `searchPath` unless it is a path; undefined when there is none. */
export async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  const candidates = name.includes("/")
    ? [resolve(name)]
    : searchPath
        .split(delimiter)
        .filter((dir) => dir.startsWith("/"))
        .map((dir) => join(dir, name));
  for (const path of candidates) {
    const found = await access(path, constants.X_OK).then(
      () => path,
      () => undefined,
    );
    if (found) return found;
  }
  return undefined;
}
