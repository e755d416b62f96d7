import { putUploadContent } from "@/lib/api/operations/uploads";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { receiveUploadContent } from "@/lib/scenarios/receive";
import { toScenarioView } from "@/lib/scenarios/view";

export const PUT = handle(putUploadContent, async ({ runtime, scope, params, request }) =>
  Response.json(
    toScenarioView(await receiveUploadContent(runtime, scope, params.upload_id, request)),
  ),
);

export const { GET, POST, PATCH, DELETE, OPTIONS } = refuseOthers("PUT");
