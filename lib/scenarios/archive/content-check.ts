import { once } from "node:events";
import { constants, createUnzip, gunzipSync, type Unzip } from "node:zlib";
import { AppError } from "@/lib/domain/errors";
import { MarkupScanner } from "@/lib/sumo/doctype";
import { findOpaqueEncoding } from "@/lib/sumo/xml-encoding";
import type { Budget } from "./budget";
import { isHtml } from "./kind";

const SMALL_INSIDE_BYTES = 4 * 2 ** 20;

/** Refuses a file with DOCTYPE or ENTITY as its bytes come by; looks into .gz files, as SUMO does whatever their name. */
export class ContentCheck {
  readonly #path: string;
  readonly #budget: Budget;
  readonly #text: TextCheck;
  #inside: GzipCheck | undefined;
  #isFirst = true;

  constructor(path: string, budget: Budget) {
    this.#path = path;
    this.#budget = budget;
    this.#text = new TextCheck(path);
  }

  /** Throws INVALID_INPUT. */
  async push(chunk: Uint8Array): Promise<void> {
    if (this.#isFirst && isGzip(chunk)) this.#inside = new GzipCheck(this.#path, this.#budget);
    this.#isFirst = false;
    if (this.#inside) await this.#inside.push(chunk);
    else this.#text.push(chunk);
  }

  async end(): Promise<void> {
    await this.#inside?.end();
  }

  /** To be called when it is abandoned. */
  destroy(): void {
    this.#inside?.destroy();
  }

  /** A whole small file at once, without streams. Tells whether it was small enough, inside too. */
  static tryWhole(content: Uint8Array, path: string, budget: Budget): boolean {
    if (!isGzip(content)) {
      new TextCheck(path).push(content);
      return true;
    }
    const inside = unzipSmall(content, path);
    if (!inside) return false;
    budget.spend(inside.length, path);
    new TextCheck(path).push(inside);
    return true;
  }
}

/** gzip, or the zlib form that SUMO's reader takes as well. */
function isGzip([a, b]: Uint8Array): boolean {
  return (a === 0x1f && b === 0x8b) || (a === 0x78 && (b === 0x01 || b === 0x9c || b === 0xda));
}

function unzipSmall(content: Uint8Array, path: string): Buffer | undefined {
  if (content[0] !== 0x1f) return undefined;
  try {
    return gunzipSync(content, { maxOutputLength: SMALL_INSIDE_BYTES });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
      return undefined;
    throw brokenGzip(path, error);
  }
}

class TextCheck {
  readonly #path: string;
  readonly #scanner = new MarkupScanner();
  #head: Uint8Array | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  push(chunk: Uint8Array): void {
    if (this.#head === undefined && chunk.length > 0) this.#begin(chunk);
    const found = this.#scanner.push(chunk);
    if (!found) return;
    const where = found.line === undefined ? this.#path : `${this.#path}, line ${found.line}`;
    const isPage = this.#head && isHtml(this.#head);
    const message = isPage
      ? `${where}: this is an HTML page, not a SUMO file. Download the raw file in its place, or leave it out.`
      : `${where}: contains ${found.what}, which is not allowed in uploads, since such declarations can read other files. Remove it.`;
    throw refusal(message, this.#path, found.line);
  }

  #begin(chunk: Uint8Array): void {
    this.#head = Buffer.from(chunk.subarray(0, 1_024));
    const encoding = findOpaqueEncoding(this.#head);
    if (encoding === undefined) return;
    throw refusal(
      `${this.#path}: has the encoding ${encoding}, which is not supported. Save it as UTF-8.`,
      this.#path,
      1,
    );
  }
}

/** Unpacks what is pushed and checks it; nothing is kept. */
class GzipCheck {
  readonly #unzip: Unzip;
  #fault: unknown;

  constructor(path: string, budget: Budget) {
    const text = new TextCheck(path);
    this.#unzip = createUnzip({ finishFlush: constants.Z_FINISH });
    this.#unzip.on("data", (chunk: Buffer) => {
      if (this.#fault) return;
      try {
        budget.spend(chunk.length, path);
        text.push(chunk);
      } catch (error) {
        this.#fault = error;
        this.#unzip.destroy();
      }
    });
    this.#unzip.on("error", (error) => {
      this.#fault ??= brokenGzip(path, error);
    });
  }

  async push(chunk: Uint8Array): Promise<void> {
    this.#throwFault();
    if (!this.#unzip.writable) return;
    // Called when the chunk is worked off, and also when the unpacker was destroyed by a fault.
    await new Promise<void>((resolve) => this.#unzip.write(chunk, () => resolve()));
    this.#throwFault();
  }

  async end(): Promise<void> {
    this.#throwFault();
    if (this.#unzip.writable) {
      const closed = once(this.#unzip, "close");
      this.#unzip.end();
      await closed.catch(() => undefined);
    }
    this.#throwFault();
  }

  destroy(): void {
    this.#unzip.destroy();
  }

  #throwFault(): void {
    if (this.#fault) throw this.#fault;
  }
}

function brokenGzip(path: string, cause: unknown): AppError {
  return refusal(
    `${path}: is a broken or truncated gzip file. Make it again.`,
    path,
    undefined,
    cause,
  );
}

function refusal(message: string, file: string, line?: number, cause?: unknown): AppError {
  const fault = line === undefined ? { file, message } : { file, line, message };
  return new AppError("INVALID_INPUT", message, { faults: [fault], cause });
}
