import { pageOfAllJobs } from "@/lib/admin/jobs";
import { listAllJobs } from "@/lib/api/operations/admin";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const GET = handle(listAllJobs, async ({ runtime, scope, query, firstGeneration }) =>
  Response.json(await pageOfAllJobs(runtime.database, scope, query, { firstGeneration })),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
