import { z } from "zod";
import { defineOperation } from "@/lib/api/operation";
import { Instant } from "@/lib/api/schemas";
import { ScenarioView } from "./scenarios";

const UploadView = z
  .object({
    upload_id: z.uuid(),
    file_name: z.string(),
    size_bytes: z.int(),
    offset: z.int().describe("Bytes that the portal has."),
    created_at: Instant,
  })
  .meta({ id: "Upload" });

const Params = z.object({ upload_id: z.string() });
const tag = "Uploads";
const access = "tenant";
const scope = "jobs:write";
const completed = { 200: { description: "The scenario that it became.", schema: ScenarioView } };

export const createUpload = defineOperation({
  id: "createUpload",
  method: "POST",
  path: "/api/uploads",
  tag,
  summary: "Begin a resumable upload of a scenario's zip",
  description:
    "Then send parts (8 MiB are good) with PATCH and complete it. It expires a day after its last part.",
  access,
  scope,
  body: z.strictObject({
    file_name: z.string().trim().min(1).max(255),
    size_bytes: z.int().min(1),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, "must have 64 hexadecimal digits")
      .transform((text) => text.toLowerCase())
      .optional(),
  }),
  responses: {
    201: { description: "The upload, with nothing of it here yet.", schema: UploadView },
  },
  errors: ["BAD_REQUEST", "UNSUPPORTED_MEDIA_TYPE", "INVALID_INPUT", "TOO_LARGE"],
});

export const headUpload = defineOperation({
  id: "headUpload",
  method: "HEAD",
  path: "/api/uploads/{upload_id}",
  tag,
  summary: "Where an upload stands",
  access,
  scope,
  params: Params,
  responses: {
    200: {
      description: "`Upload-Offset`: bytes that the portal has; `Upload-Length`: of the whole.",
    },
  },
  errors: ["NOT_FOUND"],
});

export const patchUpload = defineOperation({
  id: "patchUpload",
  method: "PATCH",
  path: "/api/uploads/{upload_id}",
  tag,
  summary: "Send a part",
  description:
    "With `Upload-Offset`, the number of bytes before it. A 409 names the true offset in the same header.",
  access,
  scope,
  params: Params,
  rawBody: { contentType: "application/octet-stream" },
  responses: { 204: { description: "Taken; `Upload-Offset` is where the next part begins." } },
  errors: ["BAD_REQUEST", "NOT_FOUND", "CONFLICT", "STORAGE_FULL"],
});

export const completeUpload = defineOperation({
  id: "completeUpload",
  method: "POST",
  path: "/api/uploads/{upload_id}/complete",
  tag,
  summary: "Make a scenario of an upload",
  access,
  scope,
  params: Params,
  responses: completed,
  errors: ["NOT_FOUND", "CONFLICT", "INVALID_INPUT", "TOO_LARGE", "STORAGE_FULL"],
});

export const putUploadContent = defineOperation({
  id: "putUploadContent",
  method: "PUT",
  path: "/api/uploads/{upload_id}/content",
  tag,
  summary: "Send an upload in one piece and make a scenario of it",
  access,
  scope,
  params: Params,
  rawBody: { contentType: "application/zip" },
  responses: completed,
  errors: ["BAD_REQUEST", "NOT_FOUND", "INVALID_INPUT", "TOO_LARGE", "STORAGE_FULL"],
});
