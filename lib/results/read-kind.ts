import { constants, gunzipSync } from "node:zlib";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { kindOf } from "./kind";

const HEAD_BYTES = 65_536;

/** The kind of a stored result, by a look at its beginning where the name leaves it open. */
export async function readKind(store: ArtifactStore, key: string, path: string): Promise<string> {
  if (!/\.xml(\.gz)?$/i.test(path)) return kindOf(path);
  return kindOf(path, toText(await readHead(store, key)));
}

async function readHead(store: ArtifactStore, key: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of await store.open(key, { start: 0, end: HEAD_BYTES - 1 })) {
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

/** What can be read of a gzip's beginning: it ends in the middle, and may be no gzip at all. */
function toText(head: Buffer): string {
  if (head[0] !== 0x1f || head[1] !== 0x8b) return head.toString("utf8");
  try {
    const text = gunzipSync(head, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: 16 * HEAD_BYTES,
    });
    return text.toString("utf8", 0, HEAD_BYTES);
  } catch {
    return "";
  }
}
