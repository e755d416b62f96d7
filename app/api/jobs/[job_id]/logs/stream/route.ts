import { streamLogs } from "@/lib/api/operations/logs";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { sse } from "@/lib/http/sse";
import { getJob } from "@/lib/jobs/store";
import { firstLineOf, logEvents } from "@/lib/logs/stream";

export const GET = handle(
  streamLogs,
  async ({ request, runtime, scope, params, query, firstGeneration }) => {
    const job = await getJob(runtime.database.db, scope, params.job_id);
    if (request.method === "HEAD")
      return new Response(null, { headers: { "content-type": "text/event-stream" } });
    const from = firstLineOf(request.headers.get("last-event-id"), query.from);
    const events = logEvents(runtime.logFeeds, job, { from, firstGeneration });
    return sse({ signal: request.signal, closing: runtime.hub.closing, events });
  },
);

// Of its own, so that no stream is left open.
export const HEAD = GET;

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
