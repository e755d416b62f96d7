import { z } from "zod";
import { ATTEMPT_PHASES } from "./attempt";
import { JOB_REASONS } from "./job-reason";
import { Progress } from "./progress";

/**
 * What a runner and the portal say to each other, both ends from these schemas. All calls carry
 * `Authorization: Bearer <attempt token>` and are safe to repeat.
 *
 *   GET  /v1/spec                 -> RunnerSpec
 *   GET  /v1/blobs/{sha256}       -> the bytes of one input
 *   POST /v1/report   Report      -> ReportAnswer
 *   HEAD /v1/files/{path}         -> Upload-Offset: bytes that the portal has
 *   PUT  /v1/files/{path}         with Upload-Offset; 409 and the true Upload-Offset when it differs;
 *                                 413 when the tenant's storage is full: name the file in lost_files
 *   POST /v1/finish   Finish      -> FinishAnswer; 409 FinishMissing when lines or files have not arrived
 *
 * 401: the token is wrong. 410: the attempt is over for the portal (job deleted, newer attempt): stop and go.
 */
const Instant = z.iso.datetime();
const LINE_LEVELS = ["info", "warning", "error"] as const;
export type LineLevel = (typeof LINE_LEVELS)[number];

export const RunnerSpec = z.object({
  attempt: z.string(),
  config_file: z.string().describe("Path within the inputs."),
  inputs: z.array(z.object({ path: z.string(), sha256: z.string(), size_bytes: z.int() })),
  run: z.object({
    seed: z.int(),
    begin_seconds: z.number().nullable(),
    end_seconds: z.number().nullable(),
    step_length_seconds: z.number().nullable(),
    scale: z.number().nullable(),
    sumo_options: z.record(z.string(), z.string()),
  }),
  limits: z.object({
    memory_mib: z.int(),
    disk_mib: z.int(),
    time_limit_seconds: z.int(),
  }),
});
export type RunnerSpec = z.infer<typeof RunnerSpec>;

/** [time in ms since 1970, stream, level, text]: an array, since there are millions of them. */
export const LogLine = z.tuple([
  z.int(),
  z.enum(["stdout", "stderr"]),
  z.enum(LINE_LEVELS),
  z.string(),
]);
export type LogLine = z.infer<typeof LogLine>;

export const Report = z.object({
  seq: z.int().min(1).describe("Grows by one with each report of the attempt."),
  at: Instant,
  /** Phases entered so far, with the time of each. */
  phases: z.array(z.object({ phase: z.enum(ATTEMPT_PHASES), at: Instant })),
  progress: Progress.nullable(),
  first_line: z.int().min(0).describe("Number of lines[0] within the attempt."),
  lines: z.array(LogLine).max(10_000),
  sumo_version: z.string().nullable(),
  command: z.array(z.string()).nullable(),
});
export type Report = z.infer<typeof Report>;

export const ReportAnswer = z.object({
  /** Lines that the portal has; the next report begins there. */
  next_line: z.int(),
  next_report_ms: z.int(),
  stop: z.object({ reason: z.literal("cancel"), grace_seconds: z.number() }).nullable(),
});
export type ReportAnswer = z.infer<typeof ReportAnswer>;

export const Finish = z.object({
  at: Instant.describe("When SUMO ended."),
  outcome: z.object({
    state: z.enum(["SUCCEEDED", "FAILED", "CANCELLED"]),
    reason: z.enum(JOB_REASONS),
    message: z.string(),
    exit_code: z.int().nullable(),
    signal: z.string().nullable(),
  }),
  line_count: z.int(),
  files: z.array(z.object({ path: z.string(), size_bytes: z.int(), sha256: z.string() })),
  /** Files that exist but could not be collected, with the cause. Makes the manifest incomplete. */
  lost_files: z.array(z.object({ path: z.string(), message: z.string() })),
});
export type Finish = z.infer<typeof Finish>;

export const FinishAnswer = z.object({ accepted: z.literal(true) });

/** What to send again before `finish`. A file that arrived with other content is at offset 0 again. */
export const FinishMissing = z.object({
  missing: z.object({ next_line: z.int().nullable(), files: z.array(z.string()) }),
});
export type FinishMissing = z.infer<typeof FinishMissing>;
