import { createHash } from "node:crypto";
import { z } from "zod";
import { PRIORITIES, type Priority } from "@/lib/db/schema/jobs";
import { AppError, type Fault } from "@/lib/domain/errors";
import { positiveNumber, seconds, textMap, wholeNumber } from "./fields";

const MAX_LABELS = 32;
const MAX_SEED = 2 ** 31 - 1;
const LABEL_KEY = /^[A-Za-z0-9][\w./-]{0,62}$/;
const UPLOAD_INSTEAD =
  "reading inputs from S3 is not configured on this portal; upload the zip as the multipart field sumo_files";

const refused = (message: string) => z.never({ error: message }).optional();
const ignored = z.unknown().optional();

/** One schema for the form and for JSON. Names are the wire's; the first generation's are among them. */
export const Submission = z
  .strictObject({
    scenario_id: z
      .string({ error: "give the run a name of 1 to 100 characters" })
      .trim()
      .min(1, "give the run a name of 1 to 100 characters")
      .max(100, "must have at most 100 characters")
      .describe("Your own name for the run."),
    scenario: z
      .uuid({ error: "must be the id of an uploaded scenario" })
      .optional()
      .describe("An uploaded scenario, in place of sumo_files."),
    cpu_request: wholeNumber(1, 32).default(2),
    memory_gi: wholeNumber(1, 128).default(4),
    config_file: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe("Which .sumocfg to run, when there are several."),
    seed: wholeNumber(0, MAX_SEED)
      .optional()
      .describe("Drawn and kept with the job when not given."),
    begin: seconds().optional(),
    end: seconds().optional(),
    step_length: positiveNumber(3_600).optional().describe("Simulated seconds a step."),
    scale: positiveNumber(1_000).optional().describe("Factor for the demand."),
    time_limit_seconds: wholeNumber(1, 31_536_000)
      .optional()
      .describe("Of wall time; the tenant's longest run when not given."),
    priority: z
      .enum(Object.keys(PRIORITIES) as [Priority, ...Priority[]], {
        error: "must be low, normal or high",
      })
      .default("normal"),
    sumo_options: textMap('{"lateral-resolution": "0.8"}')
      .default({})
      .describe("Plain options of SUMO, without the dashes."),
    labels: textMap('{"study": "north"}').default({}),
    task_token: ignored.describe("Accepted and ignored."),
    sumo_files: refused("must be a file: send the zip as a file part of multipart/form-data"),
    sumo_files_s3_url: refused(UPLOAD_INSTEAD),
    sumo_files_s3_urls: refused(UPLOAD_INSTEAD),
    progress_webhook_url: ignored,
    progress_simulation_id: ignored,
    progress_start_sec: ignored,
    progress_end_sec: ignored,
  })
  .check(({ value, issues }) => {
    if (value.begin !== undefined && value.end !== undefined && value.end <= value.begin) {
      issues.push({
        code: "custom",
        path: ["end"],
        message: "must be after begin",
        input: value.end,
      });
    }
    for (const message of labelFaults(value.labels)) {
      issues.push({ code: "custom", path: ["labels"], message, input: value.labels });
    }
  });
export type Submission = z.infer<typeof Submission>;

function labelFaults(labels: Record<string, string>): string[] {
  const faults = Object.entries(labels).flatMap(([key, text]) => {
    if (!LABEL_KEY.test(key))
      return [`the name '${key.slice(0, 80)}' must have 1 to 63 letters, digits or _./-`];
    return text.length > 200 ? [`${key} has more than 200 characters`] : [];
  });
  return Object.keys(labels).length > MAX_LABELS
    ? [...faults, `more than ${MAX_LABELS} labels`]
    : faults;
}

/**
 * Reads the fields of a form or a JSON object. `hasFile` tells whether a file came with them. Throws
 * INVALID_INPUT with all faults at once. Empty fields of a form count as not given.
 */
export function parseSubmission(fields: Record<string, unknown>, hasFile: boolean): Submission {
  const given = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== "" && value !== null),
  );
  const parsed = Submission.safeParse(given);
  const faults = parsed.success ? [] : parsed.error.issues.map(toFault);
  const source = sourceFault(given, hasFile);
  if (source && !faults.some(({ field }) => field?.startsWith("sumo_files"))) faults.push(source);
  if (parsed.success && faults.length === 0) return parsed.data;
  throw invalid(faults);
}

/** INVALID_INPUT with a sentence that names all faults. */
export function invalid(faults: readonly Fault[]): AppError {
  const sentence = faults
    .map(({ field, message }) => (field ? `${field}: ${message}` : message))
    .join("; ");
  return new AppError("INVALID_INPUT", sentence, { faults });
}

function toFault(issue: z.core.$ZodIssue): Fault {
  if (issue.code === "unrecognized_keys") {
    return { field: issue.keys.join(", "), message: "is not a field of a submission; see /docs" };
  }
  return { field: issue.path.join("."), message: issue.message };
}

function sourceFault(fields: Record<string, unknown>, hasFile: boolean): Fault | undefined {
  const isNamed = fields.scenario !== undefined;
  if (hasFile && isNamed)
    return { field: "scenario", message: "send either a file or the id of an uploaded scenario" };
  if (hasFile || isNamed) return undefined;
  return {
    field: "sumo_files",
    message: "send the zip as a file part of multipart/form-data, or name an uploaded scenario",
  };
}

/** The same for the same wish, whatever the order of the fields: what an idempotency key stands for. */
export function requestHash(submission: Submission, source: string): string {
  const sorted = (value: unknown): unknown =>
    value && typeof value === "object"
      ? Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, inner]) => [key, sorted(inner)])
      : value;
  const { task_token: _, ...wish } = submission;
  return createHash("sha256")
    .update(JSON.stringify([source, sorted(wish)]))
    .digest("hex");
}

/** Reading inputs from S3 needs an import that the administrator configured; there is none. */
export function refuseS3(): never {
  throw invalid([{ field: "sumo_files_s3_url", message: UPLOAD_INSTEAD }]);
}
