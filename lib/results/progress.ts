import { z } from "zod";
import { Progress } from "@/lib/domain/progress";
import type { ProgressPoint } from "./store";

/** More points than a chart is wide tell nothing more. */
export const MAX_POINTS = 2_000;

export const ProgressView = z
  .object({
    job_id: z.uuid(),
    attempt: z.int(),
    points: z.array(Progress.extend({ at: z.iso.datetime() })),
  })
  .meta({ id: "ProgressSeries" });

export function toProgressView(
  job: { id: string; attempt: number },
  points: readonly ProgressPoint[],
): z.infer<typeof ProgressView> {
  return {
    job_id: job.id,
    attempt: job.attempt,
    points: points.map(({ at, progress }) => ({ at: at.toISOString(), ...progress })),
  };
}
