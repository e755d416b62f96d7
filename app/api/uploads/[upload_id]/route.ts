import { headUpload, patchUpload } from "@/lib/api/operations/uploads";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { problem } from "@/lib/http/problem";
import { getUploadOffset, receivePart } from "@/lib/scenarios/uploads/receive-part";
import { readUploadOffset } from "@/lib/scenarios/uploads/upload-offset";

export const HEAD = handle(headUpload, async ({ runtime, scope, params }) => {
  const { upload, offset } = await getUploadOffset(runtime, scope, params.upload_id);
  const headers = {
    "upload-offset": String(offset),
    "upload-length": String(upload.sizeBytes),
    "cache-control": "no-store",
  };
  return new Response(null, { headers });
});

export const PATCH = handle(patchUpload, async ({ runtime, scope, params, request, requestId }) => {
  const start = readUploadOffset(request.headers);
  const { offset, refusal } = await receivePart(runtime, scope, params.upload_id, start, request);
  const response = refusal ? problem(refusal, requestId) : new Response(null, { status: 204 });
  response.headers.set("upload-offset", String(offset));
  return response;
});

export const { GET, POST, PUT, DELETE, OPTIONS } = refuseOthers("PATCH");
