import { z } from "zod";

/** Main figures of a finished run, from SUMO's statistic output. Times are means over trips, in seconds. */
export const Kpis = z.object({
  vehicles_loaded: z.int().nullable(),
  vehicles_inserted: z.int().nullable(),
  vehicles_running: z.int().nullable().describe("Still in the network at the end."),
  vehicles_waiting: z.int().nullable().describe("Never inserted."),
  trips: z.int().nullable(),
  mean_travel_time: z.number().nullable(),
  mean_time_loss: z.number().nullable(),
  mean_waiting_time: z.number().nullable(),
  mean_depart_delay: z.number().nullable(),
  mean_speed: z.number().nullable().describe("m/s"),
  mean_route_length: z.number().nullable().describe("m"),
  teleports: z.int().nullable(),
  collisions: z.int().nullable(),
  emergency_stops: z.int().nullable(),
});
export type Kpis = z.infer<typeof Kpis>;
