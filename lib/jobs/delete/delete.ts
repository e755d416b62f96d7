import type { Database } from "@/lib/db/client";
import { AppError } from "@/lib/domain/errors";
import { isFinal } from "@/lib/domain/job-state";
import type { TenantScope } from "@/lib/domain/tenant";
import { getJob } from "@/lib/jobs/store";
import { removeFreed } from "@/lib/scenarios/free";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { jobPrefix } from "@/lib/storage/keys";
import { deleteFinishedJob } from "./store";

type Deps = { readonly database: Database; readonly store: ArtifactStore };

/**
 * Deletes a finished job with its results, log and progress, and its scenario when nothing else keeps
 * it. Throws NOT_FOUND, and CONFLICT while the job has not ended.
 */
export async function deleteJob(deps: Deps, scope: TenantScope, id: string): Promise<void> {
  const job = await getJob(deps.database.db, scope, id);
  if (!isFinal(job.state)) {
    throw new AppError(
      "CONFLICT",
      `The job is ${job.state}. Cancel it first, or wait until it has ended.`,
    );
  }
  await removeFinishedJob(deps, scope.tenantId, id, scope.actor);
}

/** The rows first, then the bytes: a crash in between leaves bytes that nothing names, never names without bytes. */
export async function removeFinishedJob(
  deps: Deps,
  tenantId: string,
  id: string,
  actor: string,
): Promise<void> {
  const freed = await deleteFinishedJob(deps.database.db, tenantId, id, actor);
  if (!freed) return;
  await deps.store.removeAll(jobPrefix(tenantId, id));
  await removeFreed(deps, tenantId, freed);
}
