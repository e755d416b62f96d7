import { listJobsOperation, submitJobOperation } from "@/lib/api/operations/jobs";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { listJobsPage } from "@/lib/jobs/list/list";
import { receiveSubmission } from "@/lib/jobs/submit/receive";

export const GET = handle(listJobsOperation, async ({ runtime, scope, query, firstGeneration }) =>
  Response.json(await listJobsPage(runtime.database, scope, query, { firstGeneration })),
);

export const POST = handle(submitJobOperation, async ({ runtime, scope, request }) =>
  Response.json(await receiveSubmission(runtime, scope, request), { status: 201 }),
);

export const { PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET", "POST");
