import type { LineLevel } from "@/lib/domain/runner-protocol";

const ERROR =
  /^(Error:|Quitting \(on |\S*sumo\S*: .*Assertion .* failed|terminate called|Aborted|Segmentation fault)/;

/**
 * Level of a line of SUMO. SUMO breaks messages over several lines, the further ones begin with a
 * blank (` At line/column 2/1.`): they have the level of the line before in the same stream.
 */
export function levelOf(text: string, previous: LineLevel): LineLevel {
  if (text.startsWith("Warning:")) return "warning";
  if (ERROR.test(text)) return "error";
  return /^[ \t]+\S/.test(text) ? previous : "info";
}
