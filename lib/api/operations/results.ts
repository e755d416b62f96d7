import { z } from "zod";
import { defineOperation } from "@/lib/api/operation";
import { NoResultsYet, ResultsView } from "@/lib/results/view";
import { JobParams } from "./jobs";

const tag = "Results";

export const listResults = defineOperation({
  id: "listResults",
  method: "GET",
  path: "/api/jobs/{job_id}/results",
  alias: "/jobs/{job_id}/results",
  tag,
  summary: "Files that a run made",
  description:
    "Of failed and cancelled jobs too. On the first generation's path `results` is null until the job has succeeded.",
  access: "tenant",
  scope: "jobs:read",
  params: JobParams,
  responses: {
    200: { description: "The files, by path.", schema: z.union([ResultsView, NoResultsYet]) },
  },
  errors: ["NOT_FOUND"],
});

/** A path of several folders is one parameter. */
const FileParams = JobParams.extend({
  path: z
    .union([z.string(), z.array(z.string())])
    .describe("As in the list; slashes may stay as they are."),
});

export const downloadResult = defineOperation({
  id: "downloadResult",
  method: "GET",
  path: "/api/jobs/{job_id}/results/{path}",
  alias: "/jobs/{job_id}/results/{path}",
  tag,
  summary: "One result file",
  description:
    "With ranges (`Range`, `If-Range`) and conditions (`If-None-Match`); the ETag is the file's sha256. HEAD answers too.",
  access: "tenant",
  scope: "jobs:read",
  params: FileParams,
  responses: {
    200: { description: "The file.", contentType: "application/octet-stream" },
    206: { description: "The part of it.", contentType: "application/octet-stream" },
    304: { description: "It is what the caller has." },
    416: { description: "The file is shorter; Content-Range tells its size." },
  },
  errors: ["NOT_FOUND"],
});

export const downloadResults = defineOperation({
  id: "downloadResults",
  method: "GET",
  path: "/api/jobs/{job_id}/results.zip",
  alias: "/jobs/{job_id}/results.zip",
  tag,
  summary: "All results as one zip",
  access: "tenant",
  scope: "jobs:read",
  params: JobParams,
  query: z.object({
    path: z
      .string()
      .optional()
      .describe("Only this file, or this folder with a slash at the end. Repeat it for several."),
  }),
  responses: {
    200: { description: "The archive, made while it is sent.", contentType: "application/zip" },
  },
  errors: ["NOT_FOUND", "CONFLICT"],
});
