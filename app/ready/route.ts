import { findUnreadiness } from "@/lib/admin/ready";
import { getReadiness } from "@/lib/api/operations/system";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const dynamic = "force-dynamic";

export const GET = handle(getReadiness, async ({ runtime }) => {
  const reason = await findUnreadiness(runtime);
  return reason
    ? Response.json({ status: "not ready", detail: reason }, { status: 503 })
    : Response.json({ status: "ready", detail: "This process takes requests." });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
