import { z } from "zod";

/** Where a simulation is. Simulated seconds unless the name says otherwise; null is "not known". */
export const Progress = z.object({
  time_seconds: z.number().describe("Simulated time reached."),
  begin_seconds: z.number(),
  end_seconds: z.number().nullable().describe("End of the simulation, or the best estimate of it."),
  end_is_estimate: z.boolean(),
  percent: z.number().min(0).max(100).nullable(),
  running: z.int().describe("Vehicles in the network."),
  waiting: z.int().describe("Vehicles that wait to be inserted."),
  mean_speed: z.number().nullable().describe("Mean speed of the running vehicles, m/s."),
  teleports: z.int(),
  real_time_factor: z.number().nullable().describe("Simulated seconds per second."),
  remaining_seconds: z.number().nullable().describe("Estimated seconds of wall time to the end."),
});
export type Progress = z.infer<typeof Progress>;
