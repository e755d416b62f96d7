import { listScenarios, putScenario } from "@/lib/api/operations/scenarios";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { toFileName } from "@/lib/http/multipart";
import { listScenariosPage } from "@/lib/scenarios/list";
import { receiveScenario } from "@/lib/scenarios/receive";
import { toScenarioView } from "@/lib/scenarios/view";

export const GET = handle(listScenarios, async ({ runtime, scope, query }) =>
  Response.json(await listScenariosPage(runtime.database.db, scope, query)),
);

export const PUT = handle(putScenario, async ({ runtime, scope, query, request }) =>
  Response.json(
    toScenarioView(await receiveScenario(runtime, scope, request, toFileName(query.file_name))),
  ),
);

export const { POST, PATCH, DELETE, OPTIONS } = refuseOthers("GET", "PUT");
