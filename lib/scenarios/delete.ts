import { recordActivity } from "@/lib/activity/store";
import type { Database } from "@/lib/db/client";
import { AppError } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { removeFreed } from "./free";
import { releaseScenario, unkeepScenario } from "./store";

type Deps = { readonly database: Database; readonly store: ArtifactStore };

/** Deletes a scenario and frees what no other uses. Throws NOT_FOUND, and CONFLICT while a job uses it. */
export async function deleteScenario(
  { database, store }: Deps,
  scope: TenantScope,
  id: string,
): Promise<void> {
  const keys = await database.db.transaction(async (tx) => {
    const jobs = await unkeepScenario(tx, scope, id);
    if (jobs > 0) {
      throw new AppError(
        "CONFLICT",
        `${jobs === 1 ? "A job uses" : `${jobs} jobs use`} this scenario. Delete ${jobs === 1 ? "it" : "them"} first.`,
      );
    }
    await recordActivity(tx, {
      tenantId: scope.tenantId,
      actor: scope.actor,
      action: "scenario.deleted",
      data: { scenario: id },
    });
    return releaseScenario(tx, scope.tenantId, id);
  });
  await removeFreed({ database, store }, scope.tenantId, keys);
}
