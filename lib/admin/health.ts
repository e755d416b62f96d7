import type { Database } from "@/lib/db/client";
import type { ExecutionBackend } from "@/lib/execution/backend";

const ANSWER_LIMIT_MS = 2_000;

export type Health = { readonly database: boolean; readonly backend: boolean };

/** Asks each part that the portal needs; none may take longer than two seconds. */
export async function checkHealth(
  { sql }: Pick<Database, "sql">,
  backend: Pick<ExecutionBackend, "observe">,
): Promise<Health> {
  const [database, observed] = await Promise.all([
    answers(() => sql`select 1`.execute()),
    answers(() => backend.observe()),
  ]);
  return { database, backend: observed };
}

/** Whether the call succeeds in time. */
async function answers(call: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ANSWER_LIMIT_MS);
  });
  try {
    return await Promise.race([call().then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
