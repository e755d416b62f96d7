import { z } from "zod";
import { defineOperation } from "@/lib/api/operation";
import { Instant, Limit } from "@/lib/api/schemas";
import { JOB_REASONS } from "@/lib/domain/job-reason";
import { JOB_STATES } from "@/lib/domain/job-state";
import { JobSummary } from "@/lib/jobs/view";

const tag = "Administration";
const Quantities = z
  .object({ cpu: z.string(), memory: z.string() })
  .describe("Kubernetes quantities.");

const Node = z
  .object({
    name: z.string(),
    status: z.array(z.string()).describe("Conditions that are true."),
    capacity: Quantities,
    allocatable: Quantities,
    requested: Quantities.describe("Of the jobs that run there."),
    usage: Quantities.nullable(),
    pods_running: z.int(),
    created: Instant,
  })
  .meta({ id: "Node" });

export const getCluster = defineOperation({
  id: "getCluster",
  method: "GET",
  path: "/api/admin/cluster",
  alias: "/admin/cluster",
  tag,
  summary: "The machines that jobs run on",
  access: "admin",
  responses: {
    200: {
      description: "On the local backend this machine is the one node.",
      schema: z.object({ nodes: z.array(Node), total_nodes: z.int() }),
    },
  },
  errors: [],
});

const AdminJob = JobSummary.extend({
  namespace: z.string(),
  submitted_by: z.string(),
  k8s_status: z
    .object({ active: z.int(), succeeded: z.int(), failed: z.int() })
    .nullable()
    .describe("Null where no Kubernetes Job stands behind it."),
}).meta({ id: "AdminJob" });

export const listAllJobs = defineOperation({
  id: "listAllJobs",
  method: "GET",
  path: "/api/admin/jobs",
  alias: "/admin/jobs",
  tag,
  summary: "List the jobs of all tenants",
  access: "admin",
  query: z.object({
    status: z.enum(JOB_STATES).optional(),
    tenant: z.string().optional(),
    cursor: z.uuid().optional().describe("`next_cursor` of the page before."),
    limit: Limit,
  }),
  responses: {
    200: {
      description: "The newest first.",
      schema: z.object({
        jobs: z.array(AdminJob),
        total: z.int().describe("All that match, on this and the other pages."),
        next_cursor: z.uuid().nullable(),
      }),
    },
  },
  errors: ["INVALID_INPUT"],
});

export const cancelAnyJob = defineOperation({
  id: "cancelAnyJob",
  method: "POST",
  path: "/api/admin/jobs/{job_id}/cancel",
  alias: "/admin/jobs/{job_id}/cancel",
  tag,
  summary: "Cancel a job of any tenant",
  description: "Partial results are kept. Repeating is harmless.",
  access: "admin",
  params: z.object({ job_id: z.string() }),
  responses: { 200: { description: "The job as it is now.", schema: AdminJob } },
  errors: ["NOT_FOUND"],
});

const counts = z.record(z.string(), z.int());

const ActivityEntry = z
  .object({
    id: z.int(),
    at: Instant,
    tenant_id: z.string().nullable(),
    job_id: z.uuid().nullable(),
    actor: z.string(),
    action: z.string(),
    state: z.enum(JOB_STATES).nullable(),
    reason: z.enum(JOB_REASONS).nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: "Activity" });

const SeriesPoint = z.object({
  at: Instant.describe("Begin of the interval."),
  submitted: z.int(),
  finished: z.int(),
  queued: z.int().describe("Jobs that waited at the end of the interval."),
  wait_seconds_median: z
    .number()
    .nullable()
    .describe("From submission to start, of jobs started in the interval."),
  wait_seconds_p95: z.number().nullable(),
});

export const getActivity = defineOperation({
  id: "getActivity",
  method: "GET",
  path: "/api/admin/activity",
  alias: "/admin/activity",
  tag,
  summary: "What happens now, and the last 24 hours",
  access: "admin",
  query: z.object({
    tenant: z.string().optional().describe("Entries of this tenant only."),
    before: z.coerce
      .number()
      .int()
      .min(1)
      .optional()
      .describe("Entries older than the one of this id."),
    limit: Limit,
  }),
  responses: {
    200: {
      description:
        "Counts, a series with steps of 30 minutes, and the newest entries of the record.",
      schema: z.object({
        timestamp: Instant,
        nodes: z.int(),
        pods: counts.describe("Attempts on the backend, by phase."),
        k8s_jobs: z.object({ total: z.int(), active: z.int(), succeeded: z.int() }),
        db_jobs: counts.describe("All jobs, by status."),
        series: z.array(SeriesPoint),
        entries: z.array(ActivityEntry),
      }),
    },
  },
  errors: ["INVALID_INPUT"],
});

const warmupQuery = z.object({
  cpu_request: z.coerce.number().int().min(1).max(32).default(2),
  memory_gi: z.coerce.number().int().min(1).max(128).default(4),
  keep_alive_seconds: z.coerce.number().int().min(1).max(86_400).default(600),
});

export const startWarmup = defineOperation({
  id: "startWarmup",
  method: "POST",
  path: "/api/admin/warmup",
  alias: "/admin/warmup",
  tag,
  summary: "Bring up a machine before it is needed",
  description: "On the local backend nothing has to be warmed up; the answer says so.",
  access: "admin",
  query: warmupQuery,
  responses: {
    200: {
      description: "What is being done.",
      schema: z.object({
        status: z.literal("warming_up"),
        warmup_id: z.string(),
        job_name: z.string(),
        namespace: z.string(),
        cpu_request: z.int(),
        memory_gi: z.int(),
        keep_alive_seconds: z.int(),
        message: z.string(),
      }),
    },
  },
  errors: ["INVALID_INPUT"],
});

export const getWarmups = defineOperation({
  id: "getWarmups",
  method: "GET",
  path: "/api/admin/warmup/status",
  alias: "/admin/warmup/status",
  tag,
  summary: "What is kept warm",
  access: "admin",
  responses: {
    200: {
      description: "On the local backend always this machine, and no warm-up job.",
      schema: z.object({
        warmup_jobs: z.array(z.object({ warmup_id: z.string(), status: z.string() })),
        simulation_nodes: z.array(Node),
        message: z.string(),
      }),
    },
  },
  errors: [],
});

export const stopWarmup = defineOperation({
  id: "stopWarmup",
  method: "DELETE",
  path: "/api/admin/warmup/{warmup_id}",
  alias: "/admin/warmup/{warmup_id}",
  tag,
  summary: "End a warm-up",
  access: "admin",
  params: z.object({ warmup_id: z.string() }),
  responses: {
    200: { description: "Ended, or was not there.", schema: z.object({ message: z.string() }) },
  },
  errors: [],
});
