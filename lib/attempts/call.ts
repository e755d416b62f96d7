import type { IncomingMessage, ServerResponse } from "node:http";
import type { z } from "zod";
import type { AttemptName } from "@/lib/domain/attempt";
import { AppError } from "@/lib/domain/errors";
import type { Runtime } from "@/lib/runtime";
import type { RunningAttempt } from "./store";
import type { AttemptUploads } from "./uploads";

/** What the listener needs of the portal. */
export type Portal = Pick<
  Runtime,
  "env" | "attemptSecret" | "database" | "store" | "hub" | "metrics" | "log"
>;

/** One call of a runner whose token was checked. */
export type Call = {
  readonly portal: Portal;
  readonly uploads: AttemptUploads;
  readonly name: AttemptName;
  readonly running: RunningAttempt;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What follows `/v1/blobs/` or `/v1/files/`, decoded. */
  readonly path: string;
};

/** The portal does not want this attempt any more: the answer is 410, and the runner stops. */
export class AttemptGone extends Error {
  override readonly name = "AttemptGone";
}

export function answer(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Record<string, string | number> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** The body as the schema wants it. Throws TOO_LARGE, BAD_REQUEST. */
export async function readBody<T extends z.ZodType>(
  request: IncomingMessage,
  schema: T,
  maxBytes: number,
): Promise<z.infer<T>> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes)
      throw new AppError("TOO_LARGE", `The body is larger than ${maxBytes} bytes.`);
    parts.push(part);
  }
  const parsed = schema.safeParse(parseJson(Buffer.concat(parts).toString("utf8")));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError(
    "BAD_REQUEST",
    `${issue?.path.join(".") ?? "body"}: ${issue?.message ?? "is not valid"}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("BAD_REQUEST", "The body is not valid JSON.", { cause });
  }
}
