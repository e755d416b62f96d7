import { outputPlace } from "./output-place";
import { decodeEntities } from "./resolved";

export type Replacement = { readonly line: number; readonly value: string };
export type Rewritten = {
  readonly text: string;
  readonly replaced: readonly Replacement[];
  readonly lines: number;
  /** Folders that the names which stay need, relative to the run's. */
  readonly folders: ReadonlySet<string>;
};

const ATTRIBUTE = /(\s(?:file|output|dest)\s*=\s*)("[^"]*"|'[^']*')/g;
const PARAM = /<param\s[^>]*>/g;
const PARAM_KEY = /\skey\s*=\s*["'](?:file|device\.(?:ssm|toc)\.file)["']/;
const PARAM_VALUE = /(\svalue\s*=\s*)("[^"]*"|'[^']*')/g;
const NOWHERE = "/dev/null";

/**
 * Turns names of written files in an additional, route or network file (`file=`, `output=`, `dest=`, and
 * `<param key="file" ...>`) to `/dev/null` where they lead to a socket or out of the folder `dir` of
 * the file (relative to the run's; "" is the run's). `text` is a piece that ends between tags; SUMO
 * resolves such names against the file that has them.
 */
export function rewriteWrittenFiles(text: string, dir: string, firstLine = 1): Rewritten {
  const replaced: Replacement[] = [];
  const folders = new Set<string>();
  const turn = (whole: string, head: string, quoted: string, lineOf: () => number) => {
    const value = decodeEntities(quoted.slice(1, -1));
    if (isHarmless(value, dir)) {
      for (const folder of foldersOf(value, dir)) folders.add(folder);
      return whole;
    }
    replaced.push({ line: lineOf(), value });
    return `${head}"${NOWHERE}"`;
  };
  let result = text;
  if (/\s(?:file|output|dest)\s*=/.test(text)) {
    result = text.replace(ATTRIBUTE, (whole: string, head: string, quoted: string, at: number) =>
      turn(whole, head, quoted, () => firstLine + countLines(text, at)),
    );
  }
  if (result.includes("<param")) {
    result = result.replace(PARAM, (tag: string, at: number, whole: string) => {
      if (!PARAM_KEY.test(tag)) return tag;
      const lineOf = () => firstLine + countLines(whole, at);
      return tag.replace(PARAM_VALUE, (value: string, head: string, quoted: string) =>
        turn(value, head, quoted, lineOf),
      );
    });
  }
  return { text: result, replaced, lines: countLines(text, text.length), folders };
}

function isHarmless(value: string, dir: string): boolean {
  // Only a name with one of these can lead anywhere else.
  if (!/[/:$~\\]/.test(value)) return true;
  const place = outputPlace(value);
  if (place !== "outside") return true;
  const isRelative = !/^[/~]/.test(value) && !/[:$]/.test(value);
  return isRelative && dir !== "" && outputPlace(`${dir}/${value}`) !== "outside";
}

function countLines(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1))
    count += 1;
  return count;
}

/** SUMO resolves most names against the file that has them, a calibrator's against its own folder. */
function foldersOf(value: string, dir: string): string[] {
  const end = value.lastIndexOf("/");
  if (end <= 0 || value.startsWith("/")) return [];
  const folder = value.slice(0, end);
  const places = dir === "" ? [folder] : [folder, `${dir}/${folder}`];
  return places.filter((place) => outputPlace(place) === "inside");
}
