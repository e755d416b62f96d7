/** Options of a configuration as SUMO itself understood it, by their canonical names. */
export type ResolvedOptions = ReadonlyMap<string, string>;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/**
 * Reads what `sumo -c X -C resolved.sumocfg` writes: one `<name value="..."/>` for each option that is
 * set, paths relative to the folder SUMO ran in, synonyms replaced.
 */
export function parseResolved(xml: string): ResolvedOptions {
  const options = new Map<string, string>();
  const body = xml.replaceAll(/<!--[\s\S]*?-->/g, "");
  for (const [, name = "", value = ""] of body.matchAll(/<([\w.-]+) value="([^"]*)"/g)) {
    options.set(name, decodeEntities(value));
  }
  return options;
}

/** Text of an XML attribute with its references replaced. */
export function decodeEntities(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** SUMO separates lists by commas. */
export function splitList(value: string | undefined): string[] {
  return (value ?? "").split(",").filter((part) => part !== "");
}
