import { getDashboard } from "@/lib/api/operations/tenants";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { readDashboard, toDashboardView } from "@/lib/tenants/dashboard";

export const GET = handle(getDashboard, async ({ runtime, scope, firstGeneration }) =>
  Response.json(
    toDashboardView(await readDashboard(runtime.database.db, scope), { firstGeneration }),
  ),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
