import { z } from "zod";
import type { Job, ResultFile } from "@/lib/db/schema/jobs";
import { isFinal, JOB_STATES } from "@/lib/domain/job-state";
import type { PresentAttempt } from "./store";

const FileView = z
  .object({
    path: z.string(),
    size: z.int().describe("Bytes."),
    sha256: z.string(),
    kind: z
      .string()
      .describe("What it is: tripinfo, summary, edgedata, statistics, fcd, log, table, other ..."),
    url: z.string(),
  })
  .meta({ id: "ResultFile" });

export const ResultsView = z
  .object({
    job_id: z.uuid(),
    status: z.enum(JOB_STATES),
    complete: z.boolean().describe("The run has ended and all files that it made are here."),
    files: z.array(FileView),
    storage_type: z.string(),
    result_location: z.string().describe("All files as one archive."),
    result_files: z.array(z.string()),
  })
  .meta({ id: "Results" });
export type ResultsView = z.infer<typeof ResultsView>;

/** What the first generation's path answers until the job has succeeded. */
export const NoResultsYet = z.object({
  job_id: z.uuid(),
  status: z.enum(JOB_STATES),
  results: z.null(),
  message: z.string(),
});

export function toResultsView(
  job: Pick<Job, "id" | "state">,
  attempt: PresentAttempt | undefined,
  files: readonly ResultFile[],
): ResultsView {
  return {
    job_id: job.id,
    status: job.state,
    complete: isFinal(job.state) && attempt?.manifestComplete === true,
    files: files.map(({ path, sizeBytes, sha256, kind }) => ({
      path,
      size: sizeBytes,
      sha256,
      kind,
      url: resultUrl(job.id, path),
    })),
    storage_type: "portal",
    result_location: `/api/jobs/${job.id}/results.zip`,
    result_files: files.map(({ path }) => path),
  };
}

export function toNoResultsYet(
  job: Pick<Job, "id" | "state" | "message">,
): z.infer<typeof NoResultsYet> {
  return {
    job_id: job.id,
    status: job.state === "CANCELLED" ? "FAILED" : job.state,
    results: null,
    message: isFinal(job.state)
      ? (job.message ?? "The job did not succeed.")
      : "The job has not ended yet.",
  };
}

function resultUrl(jobId: string, path: string): string {
  return `/api/jobs/${jobId}/results/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** The inverse: the path that an address names; undefined when its encoding is broken. */
export function resultPathOf(url: string): string | undefined {
  const { pathname } = new URL(url);
  const encoded = /^(?:\/api)?\/jobs\/[^/]+\/results\/(.+)$/.exec(pathname)?.[1];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
