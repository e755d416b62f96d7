import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Finish } from "@/lib/domain/runner-protocol";
import type { PortalClient } from "./portal-client";

const PART_BYTES = 8 * 2 ** 20;
const AT_ONCE = 3;

export type Manifest = Pick<Finish, "files" | "lost_files">;
type Sent = Finish["files"][number] | Finish["lost_files"][number];

/** Sends the files in parts. Those that cannot be read or are refused are named with the cause. */
export async function uploadFiles(
  client: PortalClient,
  work: string,
  paths: readonly string[],
): Promise<Manifest> {
  const queue = [...paths];
  const sent: Sent[] = [];
  const worker = async () => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      sent.push(await uploadFile(client, work, path));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const sorted = sent.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return {
    files: sorted.filter((file) => "sha256" in file),
    lost_files: sorted.filter((file) => "message" in file),
  };
}

async function uploadFile(client: PortalClient, work: string, path: string): Promise<Sent> {
  let file: FileHandle;
  try {
    file = await open(join(work, path));
  } catch (error) {
    return { path, message: `It cannot be read: ${(error as Error).message}` };
  }
  try {
    return await sendWhole(client, file, path);
  } finally {
    await file.close();
  }
}

/** One pass over the file gives its hash; parts that the portal has already are read for that alone. */
async function sendWhole(client: PortalClient, file: FileHandle, path: string): Promise<Sent> {
  const buffer = Buffer.allocUnsafe(PART_BYTES);
  const hash = createHash("sha256");
  let at = 0;
  let portalHas = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PART_BYTES, at);
    if (bytesRead === 0 && at > 0) return { path, size_bytes: at, sha256: hash.digest("hex") };
    const part = buffer.subarray(0, bytesRead);
    hash.update(part);
    const answer = await sendPart(client, path, { at, part, portalHas });
    if ("refused" in answer) return { path, message: answer.refused };
    portalHas = answer.offset;
    at += bytesRead;
    if (bytesRead < PART_BYTES) return { path, size_bytes: at, sha256: hash.digest("hex") };
  }
}

type Part = { readonly at: number; readonly part: Buffer; readonly portalHas: number };

/** Sends what the portal does not have of this part. When it lost what came before, `finish` asks for the file again. */
async function sendPart(client: PortalClient, path: string, { at, part, portalHas }: Part) {
  const end = at + part.length;
  let offset = portalHas;
  for (;;) {
    if (offset < at || (offset >= end && end > 0 && offset > 0)) return { offset };
    const answer = await client.put(path, offset, part.subarray(offset - at));
    if ("refused" in answer || answer.offset === end || answer.offset < at) return answer;
    if (answer.offset === offset) return answer;
    offset = answer.offset;
  }
}
