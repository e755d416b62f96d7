import type { Runtime } from "@/lib/runtime";
import { checkHealth } from "./health";

/** Why this process takes no requests now; undefined when it does. */
export async function findUnreadiness(current: Runtime): Promise<string | undefined> {
  const { readiness, hub, database, backend } = current;
  if (hub.closing.aborted) return "The portal is shutting down.";
  if (!readiness.migrated) return "The database is being brought up to date.";
  const health = await checkHealth(database, backend);
  if (!health.database) return "The database does not answer.";
  readiness.backendSeen ||= health.backend;
  return readiness.backendSeen ? undefined : "The execution backend was not seen yet.";
}
