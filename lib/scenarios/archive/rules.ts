import type { Fault } from "@/lib/domain/errors";
import { findPathFault, foldName, isLeftOut, toCleanPath } from "./entry-path";

export const ARCHIVE_LIMITS = {
  maxFiles: 50_000,
  maxUnpackedBytes: 20 * 2 ** 30,
  maxRatio: 200,
} as const;
export type ArchiveLimits = { readonly [name in keyof typeof ARCHIVE_LIMITS]: number };

/** A zip entry as the archive's directory describes it. Nothing of it is to be believed. */
export type ArchiveEntry = {
  readonly name: string;
  /** Of Unix, with the type of the file; 0 when the archive was made elsewhere. */
  readonly mode: number;
  readonly isEncrypted: boolean;
  readonly method: number;
};

const STORED = 0;
const DEFLATED = 8;
const FILE_TYPE = 0o170000;
// A map: the formatter turns octal keys of an object into other numbers.
const SPECIAL: ReadonlyMap<number, string> = new Map([
  [0o120000, "a symbolic link"],
  [0o060000, "a device"],
  [0o020000, "a device"],
  [0o010000, "a named pipe"],
  [0o140000, "a socket"],
]);
const METHODS: Readonly<Record<number, string>> = {
  9: "Deflate64",
  12: "bzip2",
  14: "LZMA",
  93: "Zstandard",
  95: "xz",
  98: "PPMd",
  99: "AES encryption",
};
const MAX_FAULTS = 20;

type Judged<E extends ArchiveEntry> = {
  readonly files: readonly { readonly path: string; readonly entry: E }[];
  readonly faults: readonly Fault[];
};

/** Which entries are files to take, under which path; or all that is wrong with the archive, at most 20 things. */
export function judgeEntries<E extends ArchiveEntry>(entries: readonly E[]): Judged<E> {
  const files: { path: string; entry: E }[] = [];
  const faults: Fault[] = [];
  const folders = new Set<string>();
  for (const entry of entries) {
    const fault = findPathFault(entry.name) ?? findEntryFault(entry);
    if (fault) faults.push({ file: shorten(entry.name), message: fault });
    else if (!isLeftOut(entry.name)) {
      const path = toCleanPath(entry.name);
      addFolders(folders, path);
      if (isFolder(entry)) folders.add(path);
      else files.push({ path, entry });
    }
  }
  faults.push(
    ...findClashes(
      files.map(({ path }) => path),
      folders,
    ),
  );
  return { files, faults: faults.slice(0, MAX_FAULTS) };
}

function findEntryFault(entry: ArchiveEntry): string | undefined {
  const special = SPECIAL.get(entry.mode & FILE_TYPE);
  if (special) return `is ${special}; put the file itself into the archive`;
  if (entry.isEncrypted) return "is encrypted; make the archive without a password";
  if (entry.method === STORED || entry.method === DEFLATED) return undefined;
  const method = METHODS[entry.method] ?? `method ${entry.method}`;
  return `is compressed with ${method}, which is not supported; make the zip with the usual method (Deflate)`;
}

function isFolder({ name, mode }: ArchiveEntry): boolean {
  return name.endsWith("/") || (mode & FILE_TYPE) === 0o040000;
}

function addFolders(folders: Set<string>, path: string): void {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    const folder = path.slice(0, at);
    if (folders.has(folder)) return;
    folders.add(folder);
  }
}

function findClashes(paths: readonly string[], folders: ReadonlySet<string>): Fault[] {
  const seen = new Map<string, string>();
  return paths.flatMap((path): Fault[] => {
    const folded = foldName(path);
    const other = seen.get(folded);
    seen.set(folded, path);
    if (other === path) return [{ file: path, message: "is in the archive twice" }];
    if (other)
      return [{ file: path, message: `has the same name as ${other} but for case; rename one` }];
    return folders.has(path) ? [{ file: path, message: "is both a file and a folder" }] : [];
  });
}

function shorten(name: string): string {
  return name.length > 200 ? `${name.slice(0, 200)}...` : name;
}
