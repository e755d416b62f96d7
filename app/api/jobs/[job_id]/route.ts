import { deleteJobOperation, getJobOperation } from "@/lib/api/operations/jobs";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { deleteJob } from "@/lib/jobs/delete/delete";
import { getJobView } from "@/lib/jobs/detail/store";

export const GET = handle(getJobOperation, async ({ runtime, scope, params, firstGeneration }) =>
  Response.json(await getJobView(runtime.database, scope, params.job_id, { firstGeneration })),
);

export const DELETE = handle(deleteJobOperation, async ({ runtime, scope, params }) => {
  await deleteJob(runtime, scope, params.job_id);
  return new Response(null, { status: 204 });
});

export const { POST, PUT, PATCH, OPTIONS } = refuseOthers("GET", "DELETE");
