import { AppError } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import { receiveMultipart } from "@/lib/http/multipart";
import type { JobView } from "@/lib/jobs/view";
import type { Runtime } from "@/lib/runtime";
import { invalid, parseSubmission } from "./submission";
import { submitJob } from "./submit";

const BYTES_PER_MIB = 2 ** 20;
const KEY = /^[\x21-\x7e]{1,255}$/;

type Deps = Pick<Runtime, "database" | "store" | "env">;

/** A submission as it comes over HTTP: a form with the archive, or JSON that names an uploaded scenario. */
export async function receiveSubmission(
  deps: Deps,
  scope: TenantScope,
  request: Request,
): Promise<JobView> {
  const idempotencyKey = readIdempotencyKey(request.headers);
  const type = request.headers.get("content-type") ?? "";
  if (/^application\/json\b/i.test(type)) {
    const submission = parseSubmission(await readObject(request), false);
    return submitJob(deps, scope, { submission, file: undefined, idempotencyKey });
  }
  const form = await receiveMultipart(request, {
    store: deps.store,
    maxBytes: deps.env.MAX_UPLOAD_MIB * BYTES_PER_MIB,
    fileField: "sumo_files",
  });
  try {
    const submission = parseSubmission(form.fields, form.file !== undefined);
    return await submitJob(deps, scope, { submission, file: form.file, idempotencyKey });
  } finally {
    await form.discard();
  }
}

function readIdempotencyKey(headers: Headers): string | undefined {
  const key = headers.get("idempotency-key");
  if (key === null) return undefined;
  if (!KEY.test(key))
    throw invalid([{ field: "Idempotency-Key", message: "must have 1 to 255 visible characters" }]);
  return key;
}

async function readObject(request: Request): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = await request.json();
  } catch (error) {
    throw notJson(error);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new AppError("BAD_REQUEST", "The body must be a JSON object.");
}

function notJson(cause: unknown): AppError {
  return new AppError("BAD_REQUEST", "The body is not valid JSON.", { cause });
}
