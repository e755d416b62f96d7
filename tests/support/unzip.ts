import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The files of a zip that we trust, by path. */
export async function unzip(path: string): Promise<Record<string, Buffer>> {
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-unzip-"));
  try {
    await run("python3", ["-m", "zipfile", "-e", path, dir]);
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const paths = files.map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(
      await Promise.all(
        paths.map(async (file) => [relative(dir, file), await readFile(file)] as const),
      ),
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
