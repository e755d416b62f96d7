import { Readable } from "node:stream";
import { create as contentDisposition } from "content-disposition";
import { toFileAnswer } from "./range";

const BUFFER_BYTES = 256 * 1_024;

/** A tenant's file must do nothing in a browser of somebody who is signed in, whatever is in it. */
const INERT = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "sandbox; default-src 'none'",
  "cross-origin-resource-policy": "same-origin",
};

/** Types that no browser runs anything of. All else is bytes. */
const TYPES: Readonly<Record<string, string>> = {
  xml: "application/xml",
  csv: "text/csv; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  log: "text/plain; charset=utf-8",
  json: "application/json",
  geojson: "application/geo+json",
  gz: "application/gzip",
  png: "image/png",
};

export type ServedFile = {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Opens the content; `end` is inclusive. */
  readonly open: (range?: { start: number; end: number }) => Promise<Readable>;
};

/** A file for download: ranges, conditions by its hash, HEAD without opening it. */
export async function fileResponse(request: Request, file: ServedFile): Promise<Response> {
  const etag = `"${file.sha256}"`;
  const answer = toFileAnswer(request.headers, { size: file.sizeBytes, etag });
  const headers = new Headers({
    ...INERT,
    etag,
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
  });
  if (answer.status === 304) return new Response(null, { status: 304, headers });
  if (answer.status === 416) {
    headers.set("content-range", `bytes */${file.sizeBytes}`);
    return new Response(null, { status: 416, headers });
  }
  headers.set("content-type", typeOf(file.name));
  headers.set("content-disposition", attachment(file.name));
  const range = answer.status === 206 ? { start: answer.start, end: answer.end } : undefined;
  headers.set("content-length", String(range ? range.end - range.start + 1 : file.sizeBytes));
  if (range) headers.set("content-range", `bytes ${range.start}-${range.end}/${file.sizeBytes}`);
  const { status } = answer;
  if (request.method === "HEAD" || file.sizeBytes === 0)
    return new Response(null, { status, headers });
  return new Response(toWebStream(await file.open(range)), { status, headers });
}

/** A generated archive, sent as it is made; null for its headers alone. */
export function archiveResponse(name: string, content: Readable | null): Response {
  const headers = {
    ...INERT,
    "content-type": "application/zip",
    "content-disposition": attachment(name),
    "cache-control": "private, no-store",
  };
  return new Response(content && toWebStream(content), { headers });
}

/** When the reader goes away the stream is destroyed, and with it the open file. */
function toWebStream(content: Readable): ReadableStream<Uint8Array<ArrayBuffer>> {
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES });
  return Readable.toWeb(content, { strategy }) as ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Header values hold no control characters, and names may. */
function attachment(name: string): string {
  return contentDisposition(name.replaceAll(/\p{Cc}/gu, "_").toWellFormed());
}

function typeOf(name: string): string {
  const suffix = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return (Object.hasOwn(TYPES, suffix) ? TYPES[suffix] : undefined) ?? "application/octet-stream";
}
