import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isFinal, type JobState } from "@/lib/domain/job-state";
import type { JobView } from "@/lib/jobs/view";
import { getJob, submitArchive } from "@/scripts/portal-api";
import type { Portal } from "./portal";
import { sumoIn } from "./process-stats";

const POLL_MS = 200;
const LIMIT_MS = 20 * 60_000;

export async function waitForJob(
  { url }: Portal,
  key: string,
  id: string,
  isThere: (state: JobState) => boolean = isFinal,
): Promise<JobView> {
  const limit = Date.now() + LIMIT_MS;
  while (Date.now() < limit) {
    const job = await getJob(url, key, id);
    if (isThere(job.status) || isFinal(job.status)) return job;
    await sleep(POLL_MS);
  }
  throw new Error(`Job ${id} did not get there within ${LIMIT_MS / 60_000} minutes.`);
}

/**
 * Fills the only slot of a tenant (`max_concurrent_jobs` 1) with a simulation that is stopped in
 * its tracks: what is submitted after it waits, and none takes CPU from what is measured.
 */
export async function holdSlot(portal: Portal, key: string): Promise<string> {
  const { job_id: id } = await submitArchive(portal.url, key, "examples/gridlock.zip", {
    scenario_id: "holds the slot",
  });
  await waitForJob(portal, key, id, (state) => state === "RUNNING");
  for (const pid of await sumoIn(portal.dataDir)) process.kill(pid, "SIGSTOP");
  return id;
}

/** The multipart body that curl -F makes, as bytes. */
export function multipart(zip: Buffer, fields: Readonly<Record<string, string>>) {
  const boundary = `bench-${randomUUID()}`;
  const text = Object.entries(fields)
    .map(
      ([name, value]) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    .join("");
  const head = `${text}--${boundary}\r\nContent-Disposition: form-data; name="sumo_files"; filename="scenario.zip"\r\nContent-Type: application/zip\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head: Buffer.from(head),
    tail: Buffer.from(tail),
    body: Buffer.concat([Buffer.from(head), zip, Buffer.from(tail)]),
  };
}

export const FIELDS = { scenario_id: "bench", cpu_request: "1", memory_gi: "1", seed: "1" };
