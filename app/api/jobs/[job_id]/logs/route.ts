import { readLogs } from "@/lib/api/operations/logs";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { getJob } from "@/lib/jobs/store";
import { readLines } from "@/lib/logs/read";
import { toLogsView } from "@/lib/logs/view";

export const GET = handle(readLogs, async ({ runtime, scope, params, query }) => {
  const job = await getJob(runtime.database.db, scope, params.job_id);
  return Response.json(toLogsView(job, await readLines(runtime, job, query)));
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
