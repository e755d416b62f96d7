import { rm } from "node:fs/promises";
import { AppError } from "@/lib/domain/errors";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { toStorageError, writeNew } from "@/lib/storage/local-file";

const BYTES_PER_MIB = 2 ** 20;

export type ReceivedBody = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  discard(): Promise<void>;
};
type Options = { readonly store: ArtifactStore; readonly maxBytes: number };

/**
 * Streams a body that is one file to a local file, hashing it. Throws TOO_LARGE as soon as it passes `maxBytes` and
 * BAD_REQUEST when it was cut; nothing is left then. The caller discards the file.
 */
export async function receiveRaw(
  request: Request,
  { store, maxBytes }: Options,
): Promise<ReceivedBody> {
  requireDeclaredSize(request, maxBytes);
  const path = await store.scratchFile();
  const discard = () => rm(path, { force: true });
  try {
    const written = await writeNew(path, limitBytes(readBody(request), maxBytes));
    requireWhole(request, written.sizeBytes);
    return { path, ...written, discard };
  } catch (error) {
    await discard();
    throw toStorageError(error);
  }
}

/**
 * The body in pieces. A sender that goes away is BAD_REQUEST. What a caller does not want any more is read off and
 * dropped: to cancel would close the connection before the sender sees the answer.
 */
export async function* readBody(request: Request): AsyncGenerator<Uint8Array> {
  if (!request.body) return;
  const reader = request.body.getReader();
  let isOver = false;
  try {
    for (;;) {
      const next = await reader.read().catch((cause: unknown) => {
        isOver = true;
        throw cutOff(cause);
      });
      isOver = next.done;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    if (!isOver) dropRest(reader).catch(() => undefined);
  }
}

async function dropRest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

/** Throws TOO_LARGE as soon as more than `maxBytes` have come. */
export async function* limitBytes(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

export function tooLarge(maxBytes: number): AppError {
  const limit =
    maxBytes >= BYTES_PER_MIB ? `${Math.floor(maxBytes / BYTES_PER_MIB)} MiB` : `${maxBytes} bytes`;
  return new AppError(
    "TOO_LARGE",
    `The upload is larger than ${limit}, the most that is taken here.`,
  );
}

/** Refuses before the first byte when the sender says that it will be too much. `overhead`: bytes around the file. */
export function requireDeclaredSize(request: Request, maxBytes: number, overhead = 0): void {
  const declared = declaredSize(request);
  if (declared !== undefined && declared > maxBytes + overhead) throw tooLarge(maxBytes);
}

function declaredSize(request: Request): number | undefined {
  const text = request.headers.get("content-length");
  return text === null ? undefined : Number(text);
}

/** A proxy in between may have cut the body and said nothing. */
function requireWhole(request: Request, received: number): void {
  const declared = declaredSize(request);
  if (declared === undefined || declared === received) return;
  throw new AppError(
    "BAD_REQUEST",
    `Only ${received} of ${declared} bytes arrived. Send the file again.`,
  );
}

function cutOff(cause: unknown): AppError {
  return new AppError("BAD_REQUEST", "The upload ended before it was complete. Send it again.", {
    cause,
  });
}
