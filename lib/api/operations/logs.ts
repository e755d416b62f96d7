import { z } from "zod";
import { defineOperation } from "@/lib/api/operation";
import { LEVELS, LogsView } from "@/lib/logs/view";
import { JobParams } from "./jobs";

const tag = "Logs";
const MAX_LINES = 10_000;
const line = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const lines = z.coerce.number().int().min(1).max(MAX_LINES);

export const readLogs = defineOperation({
  id: "readLogs",
  method: "GET",
  path: "/api/jobs/{job_id}/logs",
  alias: "/jobs/{job_id}/logs",
  tag,
  summary: "Lines of a job's log",
  description:
    "The last lines, or with `from` a range. The same for a job that runs and one that ended long ago. A search looks at 250,000 lines at most in one request: go on at `next`.",
  access: "tenant",
  scope: "jobs:read",
  params: JobParams,
  query: z.object({
    tail: lines.default(500).describe("The last so many lines; not with `from`."),
    from: line.optional().describe("Read on from this line number."),
    limit: lines.default(1_000).describe("With `from`: how many lines at most."),
    level: z.enum(LEVELS).optional().describe("Lines of this level and above."),
    q: z.string().max(200).optional().describe("Lines that contain this text, in whatever case."),
  }),
  responses: { 200: { description: "The lines, oldest first.", schema: LogsView } },
  errors: ["NOT_FOUND", "INVALID_INPUT"],
});

export const streamLogs = defineOperation({
  id: "streamLogs",
  method: "GET",
  path: "/api/jobs/{job_id}/logs/stream",
  alias: "/jobs/{job_id}/logs/stream",
  tag,
  summary: "Follow a job's log",
  description:
    "Server-sent events: first the job's present phase, then one event for each line with its number as `id`, then `event: end` with the final status; `event: bye` when the portal restarts. Go on with `Last-Event-ID`.",
  access: "tenant",
  scope: "jobs:read",
  params: JobParams,
  query: z.object({ from: line.optional().describe("Begin at this line number.") }),
  responses: { 200: { description: "The events.", contentType: "text/event-stream" } },
  errors: ["NOT_FOUND", "INVALID_INPUT"],
});
