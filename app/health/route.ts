import { checkHealth } from "@/lib/admin/health";
import { getHealth } from "@/lib/api/operations/system";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const dynamic = "force-dynamic";

export const GET = handle(getHealth, async ({ runtime }) => {
  const { database, backend } = await checkHealth(runtime.database, runtime.backend);
  const isHealthy = database && backend;
  const body = {
    status: isHealthy ? "healthy" : "unhealthy",
    timestamp: new Date().toISOString(),
    db_available: database,
    k8s_available: backend,
  };
  return Response.json(body, { status: isHealthy ? 200 : 503 });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
