import { downloadResult } from "@/lib/api/operations/results";
import { fileResponse } from "@/lib/http/file-response";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { getJob } from "@/lib/jobs/store";
import { getResult } from "@/lib/results/download";
import { resultPathOf } from "@/lib/results/view";

export const GET = handle(downloadResult, async ({ request, runtime, scope, params }) => {
  const job = await getJob(runtime.database.db, scope, params.job_id);
  return fileResponse(request, await getResult(runtime, job, resultPathOf(request.url)));
});
// Of its own, so that the file is not opened for nothing.
export const HEAD = GET;

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
