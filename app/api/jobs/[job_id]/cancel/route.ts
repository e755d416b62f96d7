import { cancelJobOperation } from "@/lib/api/operations/jobs";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { cancelJob } from "@/lib/jobs/cancel/cancel";
import { getJobView } from "@/lib/jobs/detail/store";

export const POST = handle(
  cancelJobOperation,
  async ({ runtime, scope, params, firstGeneration }) => {
    await cancelJob(runtime.database, scope, params.job_id, new Date());
    return Response.json(
      await getJobView(runtime.database, scope, params.job_id, { firstGeneration }),
    );
  },
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("POST");
