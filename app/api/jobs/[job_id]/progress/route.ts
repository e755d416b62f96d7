import { readProgress } from "@/lib/api/operations/progress";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { getJob } from "@/lib/jobs/store";
import { MAX_POINTS, toProgressView } from "@/lib/results/progress";
import { listProgress } from "@/lib/results/store";

export const GET = handle(readProgress, async ({ runtime, scope, params }) => {
  const { db } = runtime.database;
  const job = await getJob(db, scope, params.job_id);
  return Response.json(toProgressView(job, await listProgress(db, job, MAX_POINTS)));
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
