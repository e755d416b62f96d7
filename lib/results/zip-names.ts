/** Names for a zip that unpack below one folder on any system, each once. */
export function zipNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const name = firstFree(safeName(path), taken);
    taken.add(name);
    return name;
  });
}

function safeName(path: string): string {
  return path.toWellFormed().replaceAll(/[\p{Cc}\\:]/gu, "_");
}

function firstFree(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const next = name.replace(/(\.[^./]*)?$/, ` (${number})$1`);
    if (!taken.has(next)) return next;
  }
}
