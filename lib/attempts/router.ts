import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError, statusOf } from "@/lib/domain/errors";
import { toAppError } from "@/lib/http/problem";
import { sendBlob } from "./blobs";
import { AttemptGone, answer, type Call, type Portal } from "./call";
import { takeFile, tellFileOffset } from "./files";
import { takeFinish } from "./finish";
import { takeReport } from "./report";
import { sendSpec } from "./spec";
import { findRunning } from "./store";
import { verifyAttemptToken } from "./token";
import type { AttemptUploads } from "./uploads";

const ROUTES: readonly { method: string; path: RegExp; take: (call: Call) => Promise<void> }[] = [
  { method: "GET", path: /^\/v1\/spec$/, take: sendSpec },
  { method: "GET", path: /^\/v1\/blobs\/(.+)$/, take: sendBlob },
  { method: "POST", path: /^\/v1\/report$/, take: takeReport },
  { method: "HEAD", path: /^\/v1\/files\/(.+)$/, take: tellFileOffset },
  { method: "PUT", path: /^\/v1\/files\/(.+)$/, take: takeFile },
  { method: "POST", path: /^\/v1\/finish$/, take: takeFinish },
];

/** Answers one call of a runner, whatever it is. Never throws. */
export async function route(
  portal: Portal,
  uploads: AttemptUploads,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await dispatch(portal, uploads, request, response);
  } catch (error) {
    refuse(portal, request, response, error);
  } finally {
    request.resume(); // what was not read would block the connection
  }
}

async function dispatch(
  portal: Portal,
  uploads: AttemptUploads,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
  const name = token && verifyAttemptToken(portal.attemptSecret, token);
  if (!name) throw new AppError("UNAUTHENTICATED", "The attempt token is not valid.");
  // Not `new URL()`: it would resolve `..` before we can refuse it.
  const rawPath = (request.url ?? "").split("?", 1)[0] ?? "";
  const found = ROUTES.find(({ method, path }) => method === request.method && path.test(rawPath));
  if (!found) throw new AppError("NOT_FOUND", "There is no such call.");
  const running = await findRunning(portal.database.db, name);
  if (!running) throw new AttemptGone();
  const path = decode(found.path.exec(rawPath)?.[1] ?? "");
  await found.take({ portal, uploads, name, running, request, response, path });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new AppError("BAD_REQUEST", "The path is not valid percent-encoding.", { cause });
  }
}

function refuse(
  { log }: Portal,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (error instanceof AttemptGone) {
    answer(response, 410, { detail: "The portal does not wait for this attempt any more." });
    return;
  }
  const known = toAppError(error);
  if (known.code === "INTERNAL" && !response.headersSent && !request.destroyed) {
    log.error({ err: known.cause, url: request.url }, "a runner's call failed");
  }
  if (response.headersSent) response.destroy();
  else answer(response, statusOf(known.code), { detail: known.message });
}
