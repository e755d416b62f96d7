/** Kinds of SUMO files, by root element or else by name. */
export type FileRole = "config" | "network" | "routes" | "additional" | "other";

export type IndexedFile = {
  readonly path: string;
  readonly role: FileRole;
  /** What a file is that cannot be an input: "an HTML page". */
  readonly oddity?: string;
};

export type FileIndex = {
  has(path: string): boolean;
  readonly paths: readonly string[];
  readonly networks: readonly string[];
  readonly routes: readonly string[];
  readonly oddities: ReadonlyMap<string, string>;
};

export function indexFiles(files: readonly IndexedFile[]): FileIndex {
  const paths = new Set(files.map(({ path }) => path));
  const pathsOf = (role: FileRole) =>
    files.filter((file) => file.role === role).map(({ path }) => path);
  return {
    has: (path) => paths.has(path),
    paths: [...paths],
    networks: pathsOf("network"),
    routes: pathsOf("routes"),
    oddities: new Map(
      files.flatMap(({ path, oddity }) => (oddity ? [[path, oddity] as const] : [])),
    ),
  };
}

const ROLE_OF_ROOT: Readonly<Record<string, FileRole>> = {
  net: "network",
  routes: "routes",
  trips: "routes",
  additional: "additional",
};
const ROLE_OF_NAME: readonly (readonly [RegExp, FileRole])[] = [
  [/\.(sumocfg|sumo\.cfg)$/i, "config"],
  [/\.net\.xml(\.gz)?$/i, "network"],
  [/\.(rou|trips?|flows?)\.xml(\.gz)?$/i, "routes"],
  [/\.add\.xml(\.gz)?$/i, "additional"],
];

/** `head` is the beginning of the file. */
export function roleOf(path: string, head: string): FileRole {
  const byName = ROLE_OF_NAME.find(([pattern]) => pattern.test(path))?.[1];
  if (byName) return byName;
  const root = /^(?:\s|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)*<([\w-]+)/.exec(head)?.[1];
  return ROLE_OF_ROOT[root ?? ""] ?? "other";
}

/** The likeliest file that was meant by a path that is not there: another case, with or without .gz, another folder. */
export function suggestFor(
  missing: string,
  { paths }: Pick<FileIndex, "paths">,
  folder: string,
): string | undefined {
  const wanted = loose(missing);
  const same = paths.find((path) => loose(path) === wanted);
  const elsewhere = paths.filter((path) => loose(baseOf(path)) === baseOf(wanted));
  const found = same ?? (elsewhere.length === 1 ? elsewhere[0] : undefined);
  return found === undefined ? undefined : relativeTo(folder, found);
}

function loose(path: string): string {
  const parts = path.normalize("NFC").toLowerCase().split("/");
  return parts
    .map((part) => part.trim())
    .join("/")
    .replace(/\.gz$/, "");
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** As it would be written in a configuration in `folder`. */
function relativeTo(folder: string, path: string): string {
  const from = folder === "" ? [] : folder.split("/");
  const to = path.split("/");
  let common = 0;
  while (common < from.length && common < to.length - 1 && from[common] === to[common]) common += 1;
  return [...from.slice(common).map(() => ".."), ...to.slice(common)].join("/");
}
