import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { pathIn } from "@/lib/path-in";

const PROBE_TIMEOUT_MS = 1_000;

/** `<port>.json` says where runners on this machine find a portal. Written whole or not at all. */
export async function announce(dir: string, port: number, url: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const draft = pathIn(dir, `.${port}.${process.pid}`);
  await writeFile(draft, JSON.stringify({ url }));
  await rename(draft, pathIn(dir, `${port}.json`));
}

export async function withdraw(dir: string, port: number): Promise<void> {
  await rm(pathIn(dir, `${port}.json`), { force: true });
}

/** Ports of all portals that were announced, alive or not. */
export async function announcedPorts(dir: string): Promise<number[]> {
  const names = await readdir(dir).catch(() => []);
  return names.flatMap((name) => (/^\d+\.json$/.test(name) ? [Number.parseInt(name, 10)] : []));
}

/** Takes back what portals that were killed had announced. */
export async function withdrawDead(dir: string, ownPort: number): Promise<void> {
  const others = (await announcedPorts(dir)).filter((port) => port !== ownPort);
  await Promise.all(
    others.map(async (port) => {
      if (!(await isPortal(await urlOf(dir, port)))) await withdraw(dir, port);
    }),
  );
}

async function urlOf(dir: string, port: number): Promise<string | undefined> {
  try {
    const { url } = JSON.parse(await readFile(pathIn(dir, `${port}.json`), "utf8")) as {
      url: unknown;
    };
    return typeof url === "string" ? url : undefined;
  } catch {
    return undefined;
  }
}

/** A portal refuses a call without a token; another program that has the port now does not. */
async function isPortal(url: string | undefined): Promise<boolean> {
  if (!url) return false;
  try {
    const { status } = await fetch(`${url}/v1/spec`, {
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    return status === 401;
  } catch {
    return false;
  }
}
