import { listResults } from "@/lib/api/operations/results";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { getJob } from "@/lib/jobs/store";
import { findPresentAttempt, listResultFiles } from "@/lib/results/store";
import { toNoResultsYet, toResultsView } from "@/lib/results/view";

export const GET = handle(listResults, async ({ runtime, scope, params, firstGeneration }) => {
  const { db } = runtime.database;
  const job = await getJob(db, scope, params.job_id);
  if (firstGeneration && job.state !== "SUCCEEDED") return Response.json(toNoResultsYet(job));
  const [attempt, files] = await Promise.all([
    findPresentAttempt(db, job),
    listResultFiles(db, job),
  ]);
  return Response.json(toResultsView(job, attempt, files));
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
