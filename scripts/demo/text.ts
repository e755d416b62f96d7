import type { JobView } from "@/lib/jobs/view";

const BAR_WIDTH = 24;

/** The line that shows where a job is while it goes on. */
export function progressLine(job: JobView): string {
  const { progress } = job;
  if (job.status !== "RUNNING" || !progress) return `${job.status}  ${job.message ?? ""}`.trimEnd();
  const left = progress.remaining_seconds;
  return [
    "RUNNING",
    ...(progress.percent === null ? [] : [bar(progress.percent)]),
    `simulated ${clock(progress.time_seconds)}`,
    `${progress.running} vehicles`,
    ...(progress.real_time_factor ? [`${Math.round(progress.real_time_factor)} x real time`] : []),
    ...(left === null ? [] : [`${Math.ceil(left)} s left`]),
  ].join("  ");
}

function bar(percent: number): string {
  const filled = Math.round((percent / 100) * BAR_WIDTH);
  return `[${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}] ${Math.floor(percent)} %`;
}

/** What came out, as lines of a table. */
export function resultTable(job: JobView): readonly string[] {
  const { kpis } = job;
  const rows: readonly (readonly [string, string])[] = [
    ["state", [job.status, job.reason].filter(Boolean).join(", ")],
    ["run time", `${runSeconds(job)} s`],
    ["vehicles", `${kpis?.vehicles_inserted ?? "?"} of ${kpis?.vehicles_loaded ?? "?"} departed`],
    ["mean travel time", seconds(kpis?.mean_travel_time)],
    ["mean time loss", seconds(kpis?.mean_time_loss)],
    ["teleports", String(kpis?.teleports ?? "?")],
    ["SUMO", job.sumo_version ?? "?"],
    ["seed", String(job.seed)],
    ["log lines", String(job.log_lines)],
    ["result files", String(job.result_files.length)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...(job.error ? [`  ${"error".padEnd(width)}  ${job.error}`] : []),
  ];
}

function runSeconds({ started_at, finished_at }: JobView): string {
  if (!started_at || !finished_at) return "?";
  return ((Date.parse(finished_at) - Date.parse(started_at)) / 1000).toFixed(1);
}

function seconds(value: number | null | undefined): string {
  return value === null || value === undefined ? "?" : `${value.toFixed(0)} s`;
}

/** Simulated seconds of a day as h:mm:ss. */
function clock(time: number): string {
  const whole = Math.floor(time);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
