const MAX_PATH_BYTES = 1_000;
const MAX_PART_BYTES = 255;
/** What systems leave in archives beside the user's own files. */
const LEFT_OUT_NAMES = new Set([".ds_store", "thumbs.db", "desktop.ini"]);

/** Why a path (with `/`) may not be unpacked; undefined when it may. */
export function findPathFault(name: string): string | undefined {
  if (name.startsWith("/")) return "has an absolute path; make the archive with relative paths";
  if (/^[A-Za-z]:/.test(name))
    return "has the path of a Windows drive; make the archive with relative paths";
  const parts = name.split("/");
  if (parts.includes("..")) return "has a path that leaves the archive's folder ('..')";
  if (hasControl(name)) return "has a control character in its name";
  if (Buffer.byteLength(name) > MAX_PATH_BYTES)
    return `has a path of more than ${MAX_PATH_BYTES} bytes`;
  if (parts.some((part) => Buffer.byteLength(part) > MAX_PART_BYTES)) {
    return `has a name of more than ${MAX_PART_BYTES} bytes`;
  }
  return toCleanPath(name) === "" && !name.endsWith("/") ? "has no name" : undefined;
}

/** Without `.`, empty parts and a slash at the end. */
export function toCleanPath(name: string): string {
  return name
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

export function isLeftOut(name: string): boolean {
  const parts = name.split("/").filter(Boolean);
  const last = parts.at(-1) ?? "";
  return (
    parts.includes("__MACOSX") || last.startsWith("._") || LEFT_OUT_NAMES.has(last.toLowerCase())
  );
}

/** Equal for names that some file systems take for the same. */
export function foldName(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}
