import { z } from "zod";
import { attemptName } from "@/lib/domain/attempt";
import type { LogPage } from "./read";

export const LEVELS = ["info", "warning", "error"] as const;

const LineView = z
  .object({
    n: z.int().describe("Number of the line within the job, from 0."),
    time: z.iso.datetime(),
    stream: z.enum(["stdout", "stderr"]),
    level: z.enum(LEVELS),
    text: z.string(),
  })
  .meta({ id: "LogLine" });

export const LogsView = z
  .object({
    job_id: z.uuid(),
    pod_name: z.string().nullable().describe("Name of the present attempt."),
    logs: z.string().describe("The lines as one text."),
    lines: z.array(LineView),
    total: z.int().describe("Lines that the job has by now."),
    from: z
      .int()
      .describe("The first line that was looked at; a search may stop before the first of all."),
    next: z.int().describe("Pass it as `from` to read on."),
  })
  .meta({ id: "Logs" });
export type LogsView = z.infer<typeof LogsView>;

export function toLogsView(job: { id: string; attempt: number }, page: LogPage): LogsView {
  return {
    job_id: job.id,
    pod_name: podNameOf(job),
    logs: page.lines.map(({ line }) => line[3]).join("\n"),
    lines: page.lines.map(({ n, line: [time, stream, level, text] }) => ({
      n,
      time: new Date(time).toISOString(),
      stream,
      level,
      text,
    })),
    total: page.total,
    from: page.from,
    next: page.next,
  };
}

/** The first generation's word for the attempt's name. */
export function podNameOf(job: { id: string; attempt: number }): string | null {
  return job.attempt > 0 ? attemptName(job.id, job.attempt) : null;
}
