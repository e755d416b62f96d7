import { z } from "zod";
import { type Job, PRIORITIES, type Priority } from "@/lib/db/schema/jobs";
import { ATTEMPT_PHASES } from "@/lib/domain/attempt";
import { JOB_REASONS } from "@/lib/domain/job-reason";
import { JOB_STATES } from "@/lib/domain/job-state";
import { Kpis } from "@/lib/domain/kpis";
import { Progress } from "@/lib/domain/progress";

const Instant = z.iso.datetime({ offset: true });
const MIB_PER_GI = 1_024;

/** A job in a list. */
export const JobSummary = z
  .object({
    job_id: z.uuid(),
    tenant_id: z.string(),
    scenario_id: z.string().describe("The name given at submission."),
    status: z.enum(JOB_STATES),
    reason: z.enum(JOB_REASONS).nullable(),
    message: z.string().nullable().describe("A sentence for people."),
    config_file: z.string(),
    priority: z.enum(["low", "normal", "high"]),
    labels: z.record(z.string(), z.string()),
    seed: z.int(),
    cpu_request: z.int(),
    memory_gi: z.number(),
    time_limit_seconds: z.int(),
    submitted_at: Instant,
    started_at: Instant.nullable().describe("When the simulation began."),
    finished_at: Instant.nullable(),
    completed_at: Instant.nullable().describe("The same as finished_at."),
    cancel_requested_at: Instant.nullable(),
    attempt: z.int().describe("Number of the present attempt; 0 before the first."),
    progress: Progress.nullable(),
    kpis: Kpis.nullable(),
    log_lines: z.int(),
    stored_bytes: z.int(),
    error: z.string().nullable().describe("Why the job failed; null otherwise."),
  })
  .meta({ id: "JobSummary" });
export type JobSummary = z.infer<typeof JobSummary>;

const Input = z.object({ path: z.string(), sha256: z.string(), size_bytes: z.int() });

/** One job with all that is known of it: enough to repeat the run. */
export const JobView = JobSummary.extend({
  scenario: z.uuid().describe("The uploaded scenario."),
  scenario_sha256: z.string().nullable().describe("sha256 of the archive as it was uploaded."),
  begin: z.number().nullable(),
  end: z.number().nullable(),
  step_length: z.number().nullable(),
  scale: z.number().nullable(),
  sumo_options: z.record(z.string(), z.string()),
  resources: z.object({ cpu: z.int(), memory_mib: z.int(), time_limit_seconds: z.int() }),
  queue_position: z
    .int()
    .nullable()
    .describe(
      "1 is next among the tenant's own; only while QUEUED, and not yet in the answer to a submission.",
    ),
  phase: z.enum(ATTEMPT_PHASES).nullable().describe("Of the present attempt."),
  command: z.array(z.string()).nullable().describe("The effective command line of SUMO."),
  sumo_version: z.string().nullable(),
  inputs: z.array(Input).describe("The configuration and the files that it names."),
  result_location: z.string().nullable(),
  result_files: z.array(z.string()),
}).meta({ id: "Job" });
export type JobView = z.infer<typeof JobView>;

/** The columns that a list reads. */
export type JobSummaryRow = Omit<
  Job,
  | "nameLower"
  | "scenarioId"
  | "submittedBy"
  | "inputs"
  | "sumoOptions"
  | "beginSeconds"
  | "endSeconds"
  | "stepLengthSeconds"
  | "scale"
>;

/** What a single view knows beside the row itself. */
export type JobDetail = {
  readonly phase?: JobView["phase"] | null;
  readonly command?: string[] | null;
  readonly sumoVersion?: string | null;
  readonly queuePosition?: number | null;
  readonly scenarioSha256?: string | null;
  readonly resultFiles?: readonly string[];
};

type ViewOptions = {
  /** On the first generation's paths: it knows no CANCELLED. */
  readonly firstGeneration?: boolean;
};

/** Pure; `row` is a job, `firstGeneration` when the request came by a path of the first generation. */
export function toJobSummary(row: JobSummaryRow, options: ViewOptions = {}): JobSummary {
  const finishedAt = row.finishedAt?.toISOString() ?? null;
  const isCancelling = row.cancelRequestedAt !== null && finishedAt === null;
  return {
    job_id: row.id,
    tenant_id: row.tenantId,
    scenario_id: row.name,
    status: options.firstGeneration && row.state === "CANCELLED" ? "FAILED" : row.state,
    reason: isCancelling ? "Cancelling" : row.reason,
    message: row.message,
    config_file: row.configFile,
    priority: priorityName(row.priority),
    labels: row.labels,
    seed: row.seed,
    cpu_request: row.cpu,
    memory_gi: row.memoryMib / MIB_PER_GI,
    time_limit_seconds: row.timeLimitSeconds,
    submitted_at: row.submittedAt.toISOString(),
    started_at: row.startedAt?.toISOString() ?? null,
    finished_at: finishedAt,
    completed_at: finishedAt,
    cancel_requested_at: row.cancelRequestedAt?.toISOString() ?? null,
    attempt: row.attempt,
    progress: row.progress,
    kpis: row.kpis,
    log_lines: row.logLines,
    stored_bytes: row.storedBytes,
    error: errorOf(row, options),
  };
}

/** The whole view of one job. Pure. */
export function toJobView(
  job: Omit<Job, "nameLower">,
  options: ViewOptions & JobDetail = {},
): JobView {
  const files = options.resultFiles ?? [];
  return {
    ...toJobSummary(job, options),
    scenario: job.scenarioId,
    scenario_sha256: options.scenarioSha256 ?? null,
    begin: job.beginSeconds,
    end: job.endSeconds,
    step_length: job.stepLengthSeconds,
    scale: job.scale,
    sumo_options: job.sumoOptions,
    resources: {
      cpu: job.cpu,
      memory_mib: job.memoryMib,
      time_limit_seconds: job.timeLimitSeconds,
    },
    queue_position: options.queuePosition ?? null,
    phase: options.phase ?? null,
    command: options.command ?? null,
    sumo_version: options.sumoVersion ?? null,
    inputs: [...job.inputs],
    result_location: files.length > 0 ? `/api/jobs/${job.id}/results` : null,
    result_files: [...files],
  };
}

function priorityName(priority: number): Priority {
  const names = Object.keys(PRIORITIES) as Priority[];
  return names.find((name) => PRIORITIES[name] === priority) ?? "normal";
}

function errorOf(
  row: Pick<Job, "state" | "message">,
  { firstGeneration }: ViewOptions,
): string | null {
  if (row.state === "FAILED") return row.message ?? "The job failed.";
  if (row.state === "CANCELLED" && firstGeneration) {
    const message = row.message ?? "";
    return message.startsWith("Cancelled") ? message : `Cancelled. ${message}`.trim();
  }
  return null;
}
