import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { findWritten } from "./own-files";

const TAIL_BYTES = 256;

/** Those of the outputs that exist and do not end with a closing tag: SUMO could not write them to their end. */
export function unclosedFiles(work: string, paths: readonly string[]): string[] {
  const written = paths
    .filter((path) => path.endsWith(".xml"))
    .map((path) => findWritten(work, path))
    .filter((path) => path !== undefined);
  return [...new Set(written)].filter((path) => !isClosed(join(work, path)));
}

function isClosed(path: string): boolean {
  const tail = readTail(path, TAIL_BYTES);
  return /(<\/[\w:.-]+>|\/>)\s*$/.test(tail);
}

/** The last bytes of a file as text. */
export function readTail(path: string, bytes: number): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, bytes));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString("utf8");
  } finally {
    closeSync(file);
  }
}
