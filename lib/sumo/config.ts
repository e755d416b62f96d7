import sax from "sax";
import { findOption, type SumoOption } from "./option-table";

export type ConfigFault = { readonly line: number; readonly message: string };
export type ConfigValue = { readonly value: string; readonly line: number };
export type SumoConfig = {
  /** Set options by their canonical name. */
  readonly options: ReadonlyMap<string, ConfigValue>;
  readonly faults: readonly ConfigFault[];
};

/** With these SUMO writes something and stops, with status 0. */
const STOPPERS = new Set(["help", "version", "save-configuration", "save-template", "save-schema"]);

/**
 * Reads a .sumocfg as SUMO does: any root and any sections; `value` or `v` as attribute, or the element's text;
 * names or synonyms; each option once; an empty value is none. https://sumo.dlr.de/docs/Basics/Using_the_Command_Line_Applications.html
 */
export function readSumoConfig(content: Uint8Array): SumoConfig {
  const reader = new ConfigReader();
  parse(decodeXml(content), reader);
  return reader;
}

class ConfigReader implements SumoConfig {
  readonly options = new Map<string, ConfigValue>();
  readonly faults: ConfigFault[] = [];
  #element: { name: string; line: number; text: string } | undefined;

  open(name: string, attributes: Readonly<Record<string, string>>, line: number): void {
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "value" || key === "v") this.#set(name, value, line);
    }
    this.#element = { name, line, text: "" };
  }

  text(text: string): void {
    if (this.#element) this.#element.text += text;
  }

  close(): void {
    const element = this.#element;
    this.#element = undefined;
    if (element && element.text.trim() !== "") {
      this.#set(element.name, element.text.replace(/[\r\n]/g, ""), element.line);
    }
  }

  broken(message: string, line: number): void {
    this.faults.push({ line, message: `is not valid XML: ${message}` });
  }

  #set(name: string, value: string, line: number): void {
    if (value === "") return;
    const option = findOption(name);
    const fault = option
      ? this.#findFault(option)
      : `there is no option '${name}' in SUMO; is this a configuration of another tool?`;
    if (fault) this.faults.push({ line, message: fault });
    else if (option) this.options.set(option.name, { value, line });
  }

  #findFault({ name }: SumoOption): string | undefined {
    if (STOPPERS.has(name)) return `'${name}' makes SUMO stop before it simulates; remove it`;
    return this.options.has(name) ? `'${name}' is set twice; SUMO takes an option once` : undefined;
  }
}

function parse(text: string, reader: ConfigReader): void {
  const parser = sax.parser(true, { position: true });
  let startLine = 1;
  let isBroken = false;
  parser.onopentagstart = () => {
    startLine = parser.line + 1;
  };
  parser.onopentag = (tag) =>
    reader.open(tag.name, tag.attributes as Record<string, string>, startLine);
  parser.ontext = (part) => reader.text(part);
  parser.oncdata = (part) => reader.text(part);
  parser.onclosetag = () => reader.close();
  parser.onerror = (error) => {
    if (!isBroken) reader.broken(error.message.split("\n")[0] ?? "unknown fault", parser.line + 1);
    isBroken = true;
  };
  for (const line of text.split(/(?<=\n)/)) {
    if (isBroken) return;
    // After an error it would throw; the first one tells enough.
    parser.write(line);
  }
  if (!isBroken) parser.close();
}

/** By byte order mark, else as declared, else UTF-8. */
export function decodeXml(content: Uint8Array): string {
  const [a, b] = content;
  if (a === 0xff && b === 0xfe) return new TextDecoder("utf-16le").decode(content);
  if (a === 0xfe && b === 0xff) return new TextDecoder("utf-16be").decode(content);
  const head = Buffer.from(content.subarray(0, 200)).toString("latin1");
  const declared = /^[^<]{0,3}<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/.exec(head)?.[1];
  return new TextDecoder(declared && isSupported(declared) ? declared : "utf-8").decode(content);
}

function isSupported(label: string): boolean {
  try {
    // An UTF-16 declaration in single bytes is wrong, and then means nothing.
    return !new TextDecoder(label).encoding.startsWith("utf-16");
  } catch {
    return false;
  }
}
