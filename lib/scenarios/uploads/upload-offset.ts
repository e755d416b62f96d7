import { AppError } from "@/lib/domain/errors";

/** Throws BAD_REQUEST when the header is missing or no number of bytes. */
export function readUploadOffset(headers: Headers): number {
  const text = headers.get("upload-offset");
  if (text !== null && /^\d{1,15}$/.test(text)) return Number(text);
  throw new AppError(
    "BAD_REQUEST",
    "Send the header Upload-Offset: the number of bytes before this part, 0 for the first.",
  );
}
