import { listNodes } from "@/lib/admin/cluster";
import { getCluster } from "@/lib/api/operations/admin";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const GET = handle(getCluster, async ({ runtime, scope }) => {
  const nodes = await listNodes(runtime.database.db, scope, new Date());
  return Response.json({ nodes, total_nodes: nodes.length });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
