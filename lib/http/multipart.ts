import { rm } from "node:fs/promises";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import { AppError } from "@/lib/domain/errors";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { toStorageError, writeNew } from "@/lib/storage/local-file";
import { readBody, requireDeclaredSize, tooLarge } from "./receive-body";

const MAX_FIELDS = 100;
const MAX_FIELD_BYTES = 128 * 1_024;
const OVERHEAD_BYTES = MAX_FIELDS * MAX_FIELD_BYTES;

export type ReceivedFile = {
  readonly path: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
};
export type ReceivedForm = {
  readonly fields: Readonly<Record<string, string>>;
  /** Absent when the form has no file part. */
  readonly file?: ReceivedFile;
  /** Removes the file. */
  discard(): Promise<void>;
};
type Options = {
  readonly store: ArtifactStore;
  readonly maxBytes: number;
  readonly fileField: string;
};

/**
 * Streams a form with at most one file to disk, hashing the file. Throws UNSUPPORTED_MEDIA_TYPE, TOO_LARGE as soon as
 * the file passes `maxBytes`, BAD_REQUEST for a form that is broken or cut, INVALID_INPUT for fields that cannot be;
 * nothing is left then.
 */
export async function receiveMultipart(request: Request, options: Options): Promise<ReceivedForm> {
  requireDeclaredSize(request, options.maxBytes, OVERHEAD_BYTES);
  const form = new Form(
    openParser(request, options.maxBytes),
    await options.store.scratchFile(),
    options,
  );
  try {
    for await (const chunk of readBody(request)) await form.write(chunk);
    return await form.end();
  } catch (error) {
    throw toStorageError((await form.abandon()) ?? error);
  }
}

function openParser(request: Request, maxBytes: number): BusboyInstance {
  const type = request.headers.get("content-type") ?? "";
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", "Send the form as multipart/form-data.");
  }
  if (!/;\s*boundary="?[^";\s]/i.test(type)) {
    throw new AppError("BAD_REQUEST", "The Content-Type of the form names no boundary.");
  }
  return new Busboy({
    headers: { "content-type": type },
    limits: {
      fields: MAX_FIELDS,
      fieldSize: MAX_FIELD_BYTES,
      fieldNameSize: 200,
      files: 1,
      fileSize: maxBytes,
    },
  });
}

class Form {
  readonly #parser: BusboyInstance;
  readonly #path: string;
  readonly #options: Options;
  readonly #fields: Record<string, string> = Object.create(null) as Record<string, string>;
  readonly #finished: Promise<void>;
  #stream: BusboyFileStream | undefined;
  #file: Promise<ReceivedFile> | undefined;
  /** The first thing that went wrong. */
  #fault: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(parser: BusboyInstance, path: string, options: Options) {
    this.#parser = parser;
    this.#path = path;
    this.#options = options;
    parser.on("field", (name, value, _nameCut, isCut) => this.#takeField(name, value, isCut));
    parser.on("file", (name, stream, fileName) => this.#takeFile(name, stream, fileName));
    parser.on("filesLimit", () => this.#fail(invalid(options.fileField, "send one file only")));
    parser.on("fieldsLimit", () => this.#fail(invalid("body", `more than ${MAX_FIELDS} fields`)));
    parser.on("error", (cause: unknown) => this.#fail(broken(cause)));
    this.#finished = new Promise((resolve) => {
      parser.on("finish", () => resolve());
    });
  }

  /** Waits until the parser can take more; throws as soon as anything is wrong. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#throwFault();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#parser.write(chunk, () => resolve());
    });
    this.#throwFault();
  }

  async end(): Promise<ReceivedForm> {
    const failed = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#parser.end();
    await Promise.race([this.#finished, failed]);
    this.#throwFault();
    const file = await this.#file;
    this.#throwFault();
    const discard = () => rm(this.#path, { force: true });
    return { fields: { ...this.#fields }, discard, ...(file ? { file } : {}) };
  }

  /** Returns the disk's fault when it was that: the parser, cut by it, may have complained first. */
  async abandon(): Promise<Error | undefined> {
    this.#stream?.destroy();
    this.#parser.destroy();
    const fault = await this.#file?.then(
      () => undefined,
      (error: unknown) => (isOurs(error) ? error : undefined),
    );
    await rm(this.#path, { force: true });
    return fault;
  }

  #takeField(name: string | undefined, value: string, isCut: boolean): void {
    if (name === undefined || name === "") this.#fail(broken());
    else if (isCut) this.#fail(invalid(name, `has more than ${MAX_FIELD_BYTES / 1_024} KiB`));
    else if (name in this.#fields) this.#fail(invalid(name, "is given twice"));
    else this.#fields[name] = value;
  }

  #takeFile(
    name: string | undefined,
    stream: BusboyFileStream,
    fileName: string | undefined,
  ): void {
    this.#stream = stream;
    // Also after it was read or given up: the parser reports a cut to it, and without a listener that ends the process.
    stream.on("error", (cause: unknown) => this.#fail(isOurs(cause) ? cause : broken(cause)));
    stream.on("limit", () => this.#fail(tooLarge(this.#options.maxBytes)));
    if (name !== this.#options.fileField) {
      stream.resume();
      this.#fail(
        invalid(name ?? "body", `is a file, but the file belongs into ${this.#options.fileField}`),
      );
      return;
    }
    this.#file = writeNew(this.#path, stream).then((written) => ({
      path: this.#path,
      fileName: toFileName(fileName),
      ...written,
    }));
    this.#file.catch((error: unknown) => this.#fail(isOurs(error) ? error : broken(error)));
  }

  #fail(error: Error): void {
    this.#fault ??= error;
    this.#wake();
  }

  #throwFault(): void {
    if (this.#fault) throw this.#fault;
  }
}

/** A fault of the disk has a code of the system; one of the parser has none. */
function isOurs(error: unknown): error is Error {
  return error instanceof Error && ("syscall" in error || error.name === "AppError");
}

/** What a browser or curl calls the file, without folders and control characters. */
export function toFileName(given: string | undefined): string {
  const base = (given ?? "").split(/[/\\]/).at(-1) ?? "";
  return base.replace(/\p{Cc}/gu, "").slice(0, 255) || "scenario.zip";
}

function invalid(field: string, message: string): AppError {
  return new AppError("INVALID_INPUT", `${field}: ${message}`, { faults: [{ field, message }] });
}

function broken(cause?: unknown): AppError {
  return new AppError(
    "BAD_REQUEST",
    "The form is broken or was cut before its end. Send it again.",
    { cause },
  );
}
