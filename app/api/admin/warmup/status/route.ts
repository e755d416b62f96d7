import { listNodes } from "@/lib/admin/cluster";
import { getWarmups } from "@/lib/api/operations/admin";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const GET = handle(getWarmups, async ({ runtime, scope }) =>
  Response.json({
    warmup_jobs: [],
    simulation_nodes: await listNodes(runtime.database.db, scope, new Date()),
    message: "Simulations run on this machine: nothing has to be warmed up.",
  }),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
