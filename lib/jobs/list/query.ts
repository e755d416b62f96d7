import { z } from "zod";
import { JOB_STATES, type JobState } from "@/lib/domain/job-state";
import { lowestIdAt } from "@/lib/jobs/id";

const MAX_LIMIT = 200;
const limitError = `must be a whole number from 1 to ${MAX_LIMIT}`;
const STATES: readonly string[] = JOB_STATES;

const states = z
  .string()
  .transform((text) => [...new Set(text.split(",").map((part) => part.trim().toUpperCase()))])
  .refine((names) => names.every((name) => STATES.includes(name)), {
    error: `must be of ${JOB_STATES.join(", ")}, several with commas between`,
  })
  .transform((names) => names as JobState[]);

/** Query parameters of the list of jobs. */
export const JobListQuery = z.object({
  status: states.optional().describe("One state or several with commas between."),
  q: z
    .string()
    .trim()
    .max(100)
    .optional()
    .describe("Part of the name, in any case; or a job's id."),
  label: z
    .string()
    .max(300)
    .regex(/^[^=]+(=.*)?$/, "must be name or name=value")
    .optional()
    .describe("`name=value`, or `name` for any value."),
  submitted_after: z.iso
    .datetime({ offset: true, error: "must be a time such as 2026-01-31T08:00:00Z" })
    .optional(),
  cursor: z.uuid({ error: "must be next_cursor of an earlier answer" }).optional(),
  limit: z.coerce
    .number({ error: limitError })
    .int(limitError)
    .min(1, limitError)
    .max(MAX_LIMIT, limitError)
    .default(50),
});

/** What the store filters by. */
export type JobFilter = {
  readonly states: readonly JobState[] | undefined;
  /** Lower case. */
  readonly text: string | undefined;
  readonly label: { readonly key: string; readonly value: string | undefined } | undefined;
  /** Only ids from here on: the time is in the id. */
  readonly fromId: string | undefined;
  readonly beforeId: string | undefined;
  readonly limit: number;
};

/** Pure. */
export function toJobFilter(query: z.infer<typeof JobListQuery>): JobFilter {
  const [key, ...value] = query.label?.split("=") ?? [];
  return {
    states: query.status,
    text: query.q ? query.q.toLowerCase() : undefined,
    label: key
      ? { key, value: query.label?.includes("=") ? value.join("=") : undefined }
      : undefined,
    fromId: query.submitted_after ? lowestIdAt(new Date(query.submitted_after)) : undefined,
    beforeId: query.cursor,
    limit: query.limit,
  };
}
