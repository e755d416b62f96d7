import { getMetrics } from "@/lib/api/operations/system";
import { handle } from "@/lib/http/handle";
import { addressOf } from "@/lib/http/incoming";
import { refuseOthers } from "@/lib/http/methods";
import { requireMetricsReader } from "@/lib/http/metrics-reader";

export const dynamic = "force-dynamic";

export const GET = handle(getMetrics, async ({ runtime, request }) => {
  requireMetricsReader(request.headers, addressOf(request), runtime.env.METRICS_TOKEN);
  const headers = { "content-type": runtime.metrics.contentType };
  return new Response(await runtime.metrics.text(), { headers });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
