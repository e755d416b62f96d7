import type { Db } from "@/lib/db/client";
import type { TenantScope } from "@/lib/domain/tenant";
import { listScenarios } from "./store";
import { toScenarioView } from "./view";

/** A page, newest first; `next_cursor` is null on the last. */
export async function listScenariosPage(
  db: Db,
  scope: TenantScope,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) {
  const found = await listScenarios(db, scope, { limit: limit + 1, cursor });
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { scenarios: page.map(toScenarioView), next_cursor: last?.id ?? null };
}
