import { startWarmup } from "@/lib/api/operations/admin";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const POST = handle(startWarmup, async ({ query }) =>
  Response.json({
    status: "warming_up",
    warmup_id: "local",
    job_name: "local",
    namespace: "local",
    ...query,
    message: "Simulations run on this machine: nothing has to be warmed up, it is ready now.",
  }),
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("POST");
