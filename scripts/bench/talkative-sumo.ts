import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";

const SEED_OF_RUN = "tripinfo-output.write-unfinished";

/**
 * A program in SUMO's place for measuring logs: it lets SUMO check the scenario, and then, instead of
 * simulating, says `lines` numbered lines at `perSecond`, each with the time at which it was said.
 * Everything after it (runner, portal, database, readers) is the real thing.
 */
export async function talkativeSumo(
  dir: string,
  lines: number,
  perSecond: number,
): Promise<string> {
  const writer = join(dir, "say-lines.mjs");
  await writeFile(writer, program(lines, perSecond));
  const wrapper = join(dir, "talkative-sumo");
  const script = `#!/bin/sh
case " $* " in
  *${SEED_OF_RUN}*) exec "${process.execPath}" "${writer}" ;;
  *) PATH=/usr/local/bin:/usr/bin:/bin exec sumo "$@" ;;
esac
`;
  await writeFile(wrapper, script);
  await chmod(wrapper, 0o755);
  return wrapper;
}

/** What a line says: its number, and milliseconds since 1970. */
export const LINE = /^line (\d+) at (\d+)/;

function program(lines: number, perSecond: number): string {
  return `
const begun = Date.now();
let said = 0;
const say = () => {
  const due = Math.min(${lines}, Math.floor(((Date.now() - begun) / 1000) * ${perSecond}));
  let text = "";
  for (; said < due; said += 1) text += "line " + said + " at " + Date.now() + " vehicle flow.17 on lane 4711_0\\n";
  if (text !== "") process.stdout.write(text);
  if (said < ${lines}) setTimeout(say, 10);
};
say();
`;
}
