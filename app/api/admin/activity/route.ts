import { readActivity } from "@/lib/admin/activity";
import { getActivity } from "@/lib/api/operations/admin";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const GET = handle(getActivity, async ({ runtime, scope, query }) =>
  Response.json(await readActivity(runtime, scope, query, new Date())),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
