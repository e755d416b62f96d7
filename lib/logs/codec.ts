import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { LogLine } from "@/lib/domain/runner-protocol";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Lines as they are stored: gzip of one JSON array a line, so that members one after another are one file too. */
export async function encodeLines(lines: readonly LogLine[]): Promise<Buffer> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  return compress(text, { level: 4 });
}

/** The inverse of encodeLines, for one member or several. */
export async function decodeLines(stored: Uint8Array): Promise<LogLine[]> {
  const text = (await decompress(stored)).toString("utf8");
  return text.length === 0
    ? []
    : (JSON.parse(`[${text.trimEnd().replaceAll("\n", ",")}]`) as LogLine[]);
}

export function countLevels(lines: readonly LogLine[]): { warnings: number; errors: number } {
  let warnings = 0;
  let errors = 0;
  for (const [, , level] of lines) {
    if (level === "warning") warnings += 1;
    else if (level === "error") errors += 1;
  }
  return { warnings, errors };
}
