import { downloadResults } from "@/lib/api/operations/results";
import { archiveResponse } from "@/lib/http/file-response";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { getJob } from "@/lib/jobs/store";
import { zipResults } from "@/lib/results/download";

export const GET = handle(downloadResults, async ({ request, runtime, scope, params }) => {
  const job = await getJob(runtime.database.db, scope, params.job_id);
  if (request.method === "HEAD") return archiveResponse(`${job.name}.zip`, null);
  const wanted = new URL(request.url).searchParams.getAll("path");
  return archiveResponse(`${job.name}.zip`, await zipResults(runtime, job, wanted));
});

// Of its own, so that no archive is begun for nothing.
export const HEAD = GET;

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
