import { cancelAnyJob } from "@/lib/admin/jobs";
import { cancelAnyJob as operation } from "@/lib/api/operations/admin";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const POST = handle(operation, async ({ runtime, scope, params, firstGeneration }) => {
  const now = new Date();
  return Response.json(
    await cancelAnyJob(runtime.database, scope, params.job_id, now, { firstGeneration }),
  );
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("POST");
