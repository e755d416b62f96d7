import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { ApiClient } from "./api";

const POLL_MS = 200;
const FINAL = ["SUCCEEDED", "FAILED", "CANCELLED"];

export type JobWire = {
  readonly job_id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly message: string | null;
  readonly attempt: number;
  readonly started_at: string | null;
  readonly finished_at: string | null;
};

/** The job when `until` holds. A portal that is away meanwhile is waited for. */
export async function waitForJob(
  api: ApiClient,
  jobId: string,
  until: (job: JobWire) => boolean = ({ status }) => FINAL.includes(status),
  limitMs = 120_000,
): Promise<JobWire> {
  let last: JobWire | undefined;
  for (const limit = Date.now() + limitMs; Date.now() < limit; await sleep(POLL_MS)) {
    last = await getJob(api, jobId).catch(() => last);
    if (last && until(last)) return last;
  }
  throw new Error(
    `Job ${jobId} did not get there in ${limitMs / 1_000} s; it is ${JSON.stringify(last)}.`,
  );
}

async function getJob(api: ApiClient, jobId: string): Promise<JobWire> {
  const { status, body } = await api.call("getJob", { params: { job_id: jobId } });
  if (status !== 200) throw new Error(`getJob answered ${status}`);
  return body as JobWire;
}

type Line = { readonly n: number; readonly text: string };

/** All lines of the job, by pages. */
export async function readAllLines(api: ApiClient, jobId: string): Promise<Line[]> {
  const lines: Line[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const { body } = await api.call("readLogs", {
      params: { job_id: jobId },
      query: { from: String(from), limit: "5000" },
    });
    const page = body as { lines: Line[]; next: number | null };
    lines.push(...page.lines);
    from = page.lines.length > 0 ? page.next : null;
  }
  return lines;
}

type TimelineEvent = {
  readonly action: string;
  readonly state: string | null;
  readonly attempt: number | null;
};

/**
 * What must hold of every job that ended, whatever was killed meanwhile: each state was entered once an
 * attempt, every line is there once, and the results are complete.
 */
export async function expectWhole(api: ApiClient, jobId: string): Promise<void> {
  const params = { job_id: jobId };
  const { body: timeline } = await api.call("getJobEvents", { params });
  const states = (timeline as { events: TimelineEvent[] }).events.filter(
    ({ action }) => action === "job.state",
  );
  const entered = states.map(({ state, attempt }) => `${state} in attempt ${attempt}`);
  expect(entered).toEqual([...new Set(entered)]);
  const finals = states.filter(({ state }) => FINAL.includes(state ?? ""));
  expect(finals).toHaveLength(1);
  const lines = await readAllLines(api, jobId);
  const first = lines[0]?.n ?? 0;
  expect(lines.map(({ n }) => n)).toEqual(lines.map((_, index) => first + index));
  const { body: results } = await api.call("listResults", { params });
  expect((results as { complete: boolean }).complete).toBe(true);
}
