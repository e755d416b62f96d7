import {
  deleteScenario as deleteOperation,
  getScenario as getOperation,
} from "@/lib/api/operations/scenarios";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { deleteScenario } from "@/lib/scenarios/delete";
import { getScenario } from "@/lib/scenarios/store";
import { toScenarioView } from "@/lib/scenarios/view";

export const GET = handle(getOperation, async ({ runtime, scope, params }) =>
  Response.json(toScenarioView(await getScenario(runtime.database.db, scope, params.scenario_id))),
);

export const DELETE = handle(deleteOperation, async ({ runtime, scope, params }) => {
  await deleteScenario(runtime, scope, params.scenario_id);
  return new Response(null, { status: 204 });
});

export const { POST, PUT, PATCH, OPTIONS } = refuseOthers("GET", "DELETE");
