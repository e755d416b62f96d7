import { z } from "zod";
import type { Activity } from "@/lib/db/schema/activity";
import { JOB_REASONS } from "@/lib/domain/job-reason";
import { JOB_STATES } from "@/lib/domain/job-state";

export const JobEvent = z
  .object({
    id: z.int(),
    at: z.iso.datetime().describe("When it happened."),
    action: z.string().describe("job.submitted, job.state, job.phase, job.waiting, job.cancel ..."),
    actor: z.string(),
    state: z.enum(JOB_STATES).nullable(),
    reason: z.enum(JOB_REASONS).nullable(),
    message: z.string().nullable(),
    attempt: z.int().nullable(),
  })
  .meta({ id: "JobEvent" });
export type JobEvent = z.infer<typeof JobEvent>;

export type TimelineRow = Pick<
  Activity,
  "id" | "at" | "action" | "actor" | "state" | "reason" | "message" | "attempt"
>;

/** Pure. */
export function toJobEvent({ at, ...row }: TimelineRow): JobEvent {
  return { ...row, at: at.toISOString() };
}
