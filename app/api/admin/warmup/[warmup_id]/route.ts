import { stopWarmup } from "@/lib/api/operations/admin";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const DELETE = handle(stopWarmup, async () =>
  Response.json({ message: "Simulations run on this machine: there is no warm-up to end." }),
);

export const { GET, POST, PUT, PATCH, OPTIONS } = refuseOthers("DELETE");
