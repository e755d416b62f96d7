import type { Scenario } from "@/lib/db/schema/scenarios";
import { AppError } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import { receiveRaw } from "@/lib/http/receive-body";
import type { Runtime } from "@/lib/runtime";
import { ingestArchive } from "./ingest";
import { completeFromFile } from "./uploads/complete";
import { getUpload } from "./uploads/store";

const BYTES_PER_MIB = 2 ** 20;
type Deps = Pick<Runtime, "database" | "store" | "env">;

/** A body that is an archive, as a scenario that is kept. */
export async function receiveScenario(
  deps: Deps,
  scope: TenantScope,
  request: Request,
  fileName: string,
): Promise<Scenario> {
  const body = await receiveRaw(request, { store: deps.store, maxBytes: maxUploadBytes(deps) });
  try {
    return await ingestArchive(deps, scope, { ...body, fileName }, { kept: true });
  } finally {
    await body.discard();
  }
}

/** A body that is the whole of an upload that was begun. Throws NOT_FOUND. */
export async function receiveUploadContent(
  deps: Deps,
  scope: TenantScope,
  id: string,
  request: Request,
): Promise<Scenario> {
  const upload = await getUpload(deps.database.db, scope, id);
  if (upload.scenarioId) throw new AppError("CONFLICT", "This upload is complete already.");
  const body = await receiveRaw(request, { store: deps.store, maxBytes: upload.sizeBytes });
  try {
    return await completeFromFile(deps, scope, upload, { ...body, fileName: upload.fileName });
  } finally {
    await body.discard();
  }
}

export function maxUploadBytes({ env }: Pick<Deps, "env">): number {
  return env.MAX_UPLOAD_MIB * BYTES_PER_MIB;
}
