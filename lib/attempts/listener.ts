import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { pathIn } from "@/lib/path-in";
import { announce, announcedPorts, withdraw, withdrawDead } from "./announcement";
import type { Portal } from "./call";
import { route } from "./router";
import { AttemptUploads } from "./uploads";

export type RunnerListener = { readonly url: string; close(): Promise<void> };

const HOST = "127.0.0.1";
/** A part of a large result file over a slow disk. */
const REQUEST_TIMEOUT_MS = 30 * 60_000;
const CLOSE_LIMIT_MS = 6_000;

/**
 * Starts what runners talk to (lib/domain/runner-protocol.ts), apart from the portal's own port. Without
 * RUNNER_PORT it takes the port of the last start, so that runners find it where it was; or another, which they look up.
 */
export async function startRunnerListener(portal: Portal): Promise<RunnerListener> {
  const dir = portal.env.SUMO_K8_DATA_DIR;
  const listenersDir = pathIn(dir, "listeners");
  const uploads = new AttemptUploads();
  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    void route(portal, uploads, request, response);
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = 10_000;
  server.keepAliveTimeout = 75_000;
  const port = await listenOnFirst(server, await wantedPorts(portal, dir, listenersDir));
  await rememberPort(dir, port);
  const url = `http://${HOST}:${port}`;
  await announce(listenersDir, port, url);
  await withdrawDead(listenersDir, port);
  return { url, close: () => close(server, () => withdraw(listenersDir, port)) };
}

/** In order of preference; 0 is any free one. */
async function wantedPorts({ env }: Portal, dir: string, listenersDir: string): Promise<number[]> {
  if (env.RUNNER_PORT !== undefined) return [env.RUNNER_PORT];
  return [...(await rememberedPort(dir)), ...(await announcedPorts(listenersDir)), 0];
}

async function listenOnFirst(
  server: Server,
  [port, ...others]: readonly number[],
): Promise<number> {
  try {
    return await listenOn(server, port ?? 0);
  } catch (cause) {
    if (others.length > 0) return listenOnFirst(server, others);
    const message = `The port ${port} for runners cannot be used. Set RUNNER_PORT to a free one, or leave it unset.`;
    throw new Error(message, { cause });
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

async function rememberedPort(dir: string): Promise<number[]> {
  const text = await readFile(pathIn(dir, "runner-port"), "utf8").catch(() => "");
  const port = Number.parseInt(text, 10);
  return port > 0 && port < 65_536 ? [port] : [];
}

async function rememberPort(dir: string, port: number): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(pathIn(dir, "runner-port"), `${port}\n`);
}

/** Calls in flight end first, within a limit; runners repeat what they get no answer to. */
async function close(server: Server, takeBack: () => Promise<void>): Promise<void> {
  await takeBack();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const limit = setTimeout(() => server.closeAllConnections(), CLOSE_LIMIT_MS);
  await closed;
  clearTimeout(limit);
}
