import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Where portals on this machine listen for runners, the newest first. */
export async function portalAddresses(dir: string): Promise<string[]> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => /^\d+\.json$/.test(name));
  const found = await Promise.all(names.map((name) => readAddress(join(dir, name))));
  return found
    .filter((address) => address !== undefined)
    .toSorted((a, b) => b.time - a.time)
    .map(({ url }) => url);
}

async function readAddress(path: string): Promise<{ url: string; time: number } | undefined> {
  try {
    const { url } = JSON.parse(await readFile(path, "utf8")) as { url?: unknown };
    return typeof url === "string" ? { url, time: (await stat(path)).mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}
