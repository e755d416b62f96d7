import { z } from "zod";
import { defineOperation } from "@/lib/api/operation";
import { JobListQuery } from "@/lib/jobs/list/query";
import { Submission } from "@/lib/jobs/submit/submission";
import { JobEvent } from "@/lib/jobs/timeline/view";
import { JobSummary, JobView } from "@/lib/jobs/view";

/** Any text: one that is no UUID names a job that does not exist. */
export const JobParams = z.object({ job_id: z.string() });

const tag = "Jobs";
const CREATED = { description: "The job is queued.", schema: JobView };
const SUBMIT_ERRORS = [
  "BAD_REQUEST",
  "FORBIDDEN",
  "NOT_FOUND",
  "TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "INVALID_INPUT",
  "QUEUE_FULL",
  "STORAGE_FULL",
] as const;

export const submitJobOperation = defineOperation({
  id: "submitJob",
  method: "POST",
  path: "/api/jobs",
  alias: "/jobs",
  tag,
  summary: "Submit a simulation",
  description:
    "Multipart with the zip in `sumo_files`, or JSON with `scenario` in its place. With an `Idempotency-Key` header, the same submission sent again within a day answers the same job.",
  access: "tenant",
  scope: "jobs:write",
  rawBody: {
    contentType: "multipart/form-data",
    schema: Submission,
  },
  responses: { 201: CREATED },
  errors: SUBMIT_ERRORS,
});

export const submitS3Job = defineOperation({
  id: "submitS3Job",
  method: "POST",
  path: "/api/jobs/s3",
  alias: "/jobs/s3",
  tag,
  summary: "Submit a simulation from S3 (first generation)",
  description:
    "Answers 422 unless the administrator configured an import: upload the zip to POST /api/jobs.",
  access: "tenant",
  scope: "jobs:write",
  body: z.looseObject({ scenario_id: z.string().min(1).max(100) }),
  responses: { 201: CREATED },
  errors: SUBMIT_ERRORS,
});

export const listJobsOperation = defineOperation({
  id: "listJobs",
  method: "GET",
  path: "/api/jobs",
  alias: "/jobs",
  tag,
  summary: "List jobs, newest first",
  access: "tenant",
  scope: "jobs:read",
  query: JobListQuery,
  responses: {
    200: {
      description: "A page of jobs.",
      schema: z.object({
        jobs: z.array(JobSummary),
        next_cursor: z.string().nullable().describe("For the next page; null on the last."),
      }),
    },
  },
  errors: ["INVALID_INPUT"],
});

export const getJobOperation = defineOperation({
  id: "getJob",
  method: "GET",
  path: "/api/jobs/{job_id}",
  alias: "/jobs/{job_id}",
  tag,
  summary: "One job, with progress and the record of its run",
  access: "tenant",
  scope: "jobs:read",
  params: JobParams,
  responses: { 200: { description: "The job.", schema: JobView } },
  errors: ["NOT_FOUND"],
});

export const cancelJobOperation = defineOperation({
  id: "cancelJob",
  method: "POST",
  path: "/api/jobs/{job_id}/cancel",
  alias: "/jobs/{job_id}/cancel",
  tag,
  summary: "Cancel a job",
  description:
    "Harmless when repeated or when the job has ended. What a running job has so far is kept.",
  access: "tenant",
  scope: "jobs:write",
  params: JobParams,
  responses: { 200: { description: "The job as it is now.", schema: JobView } },
  errors: ["NOT_FOUND"],
});

export const deleteJobOperation = defineOperation({
  id: "deleteJob",
  method: "DELETE",
  path: "/api/jobs/{job_id}",
  alias: "/jobs/{job_id}",
  tag,
  summary: "Delete a finished job with its results and logs",
  access: "tenant",
  scope: "jobs:write",
  params: JobParams,
  responses: { 204: { description: "It is gone." } },
  errors: ["NOT_FOUND", "CONFLICT"],
});

export const getJobEvents = defineOperation({
  id: "getJobEvents",
  method: "GET",
  path: "/api/jobs/{job_id}/events",
  alias: "/jobs/{job_id}/events",
  tag,
  summary: "The timeline of a job",
  description:
    "With `Accept: text/event-stream` as server-sent events: `timeline` (resumes with Last-Event-ID), `progress`, and `end` with the final status.",
  access: "tenant",
  scope: "jobs:read",
  params: JobParams,
  responses: {
    200: {
      description: "In the order in which it happened.",
      schema: z.object({ job_id: z.uuid(), events: z.array(JobEvent) }),
    },
  },
  errors: ["NOT_FOUND"],
});
