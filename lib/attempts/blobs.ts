import { pipeline } from "node:stream/promises";
import { notFound } from "@/lib/domain/errors";
import { blobKey } from "@/lib/storage/keys";
import type { Call } from "./call";
import { findInputSize } from "./store";

/** GET /v1/blobs/{sha256}: one input of the attempt's own scenario. */
export async function sendBlob({ portal, running: { job }, response, path }: Call): Promise<void> {
  const size = /^[0-9a-f]{64}$/.test(path)
    ? await findInputSize(portal.database.db, job, path)
    : undefined;
  if (size === undefined) throw notFound("Input");
  const content = await portal.store.open(blobKey(job.tenantId, path));
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": size });
  await pipeline(content, response);
}
