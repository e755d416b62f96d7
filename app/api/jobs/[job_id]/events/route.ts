import { getJobEvents } from "@/lib/api/operations/jobs";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { sse } from "@/lib/http/sse";
import { getJob } from "@/lib/jobs/store";
import { followTimeline } from "@/lib/jobs/timeline/follow";
import { listEvents } from "@/lib/jobs/timeline/list";

export const GET = handle(getJobEvents, async ({ runtime, scope, params, request }) => {
  const job = await getJob(runtime.database.db, scope, params.job_id);
  if (!request.headers.get("accept")?.includes("text/event-stream")) {
    return Response.json(await listEvents(runtime.database, job));
  }
  const lastId = Number(request.headers.get("last-event-id")) || 0;
  return sse({
    signal: request.signal,
    closing: runtime.hub.closing,
    events: (signal) => followTimeline(runtime, job, lastId, signal),
  });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
