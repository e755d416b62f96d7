import { defineOperation } from "@/lib/api/operation";
import { ProgressView } from "@/lib/results/progress";
import { JobParams } from "./jobs";

export const readProgress = defineOperation({
  id: "readProgress",
  method: "GET",
  path: "/api/jobs/{job_id}/progress",
  alias: "/jobs/{job_id}/progress",
  tag: "Jobs",
  summary: "Progress of a run over time",
  description:
    "All points of the present attempt, or evenly chosen ones when there are more than 2,000.",
  access: "tenant",
  scope: "jobs:read",
  params: JobParams,
  responses: { 200: { description: "Oldest first.", schema: ProgressView } },
  errors: ["NOT_FOUND"],
});
