import { createUpload as createOperation } from "@/lib/api/operations/uploads";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { toFileName } from "@/lib/http/multipart";
import { maxUploadBytes } from "@/lib/scenarios/receive";
import { createUpload } from "@/lib/scenarios/uploads/create";
import { toUploadView } from "@/lib/scenarios/view";

export const POST = handle(createOperation, async ({ runtime, scope, body }) => {
  const wish = {
    fileName: toFileName(body.file_name),
    sizeBytes: body.size_bytes,
    sha256: body.sha256 ?? null,
  };
  const upload = await createUpload(runtime.database, scope, wish, maxUploadBytes(runtime));
  const headers = { location: `/api/uploads/${upload.id}`, "upload-offset": "0" };
  return Response.json(toUploadView(upload, 0), { status: 201, headers });
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("POST");
