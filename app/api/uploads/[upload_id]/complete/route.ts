import { completeUpload } from "@/lib/api/operations/uploads";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { completeFromParts } from "@/lib/scenarios/uploads/complete";
import { toScenarioView } from "@/lib/scenarios/view";

export const POST = handle(completeUpload, async ({ runtime, scope, params }) =>
  Response.json(toScenarioView(await completeFromParts(runtime, scope, params.upload_id))),
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("POST");
