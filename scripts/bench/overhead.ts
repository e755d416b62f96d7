import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { callPortal, submitArchive } from "@/scripts/portal-api";
import { FIELDS, waitForJob } from "./jobs";
import { atMost, type Bench, note, type Row } from "./part";
import type { Portal } from "./portal";
import { readZip } from "./zips";

const run = promisify(execFile);
const EXAMPLE = "examples/gridlock.zip";
/** Makes the example run for about a minute. */
const OPTIONS = { step_length: "0.1", seed: "1" };
const ROUNDS = 2;
const EDGE_DATA = /[^,]*\.add\.xml/;

/** SUMO's own wall time through the portal and bare, with the same options, turn by turn; the best of two each. */
export async function overhead(bench: Bench): Promise<readonly Row[]> {
  const portal = await bench.portal();
  const key = await portal.tenant("bench");
  const through: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bench.say(`round ${round + 1} of ${ROUNDS}`);
    const { job_id: id } = await submitArchive(portal.url, key, EXAMPLE, { ...FIELDS, ...OPTIONS });
    const job = await waitForJob(portal, key, id);
    if (job.status !== "SUCCEEDED")
      throw new Error(`The run ended as ${job.status}: ${job.message}`);
    through.push(durationIn(await logOf(portal, key, id)));
    bare.push(await runBare(join(bench.dir, `bare-${round}`), job.command ?? [], portal, key, id));
  }
  const [best, floor] = [Math.min(...through), Math.min(...bare)];
  return [
    note("bare sumo", floor, " s"),
    note("sumo through the portal", best, " s"),
    atMost("SUMO: ratio to bare sumo", best / floor, 1.03),
  ];
}

/** The recorded command of the job, in a folder with the same inputs. */
async function runBare(
  dir: string,
  command: readonly string[],
  portal: Portal,
  key: string,
  id: string,
): Promise<number> {
  await mkdir(dir);
  for (const { path, bytes } of await readZip(await readFile(EXAMPLE))) {
    await writeFile(join(dir, path), bytes);
  }
  const [program = "sumo", ...args] = command;
  await copyDefinition(dir, args, portal, key, id);
  for (const arg of args.filter((text) => text.includes("/"))) {
    const target =
      arg
        .slice(arg.indexOf("=") + 1)
        .split(",")
        .at(-1) ?? "";
    await mkdir(join(dir, target, ".."), { recursive: true });
  }
  const { stdout } = await run(program, args, {
    cwd: dir,
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, SUMO_HOME: process.env.SUMO_HOME ?? "/usr/share/sumo" },
  });
  return durationIn(stdout);
}

/** The portal's own definition of edge data is no input of the tenant's; the bare run needs the same. */
async function copyDefinition(
  dir: string,
  args: readonly string[],
  portal: Portal,
  key: string,
  id: string,
): Promise<void> {
  const path = args
    .map((arg) => EDGE_DATA.exec(arg)?.[0])
    .find(Boolean)
    ?.replace(/^.*[= ]/, "");
  if (!path) return;
  const { EDGE_DATA_DEFINITION } = await import("@/lib/sumo/output-options");
  await callPortal(`${portal.url}/api/jobs/${id}/results`, {
    headers: { authorization: `Bearer ${key}` },
  });
  await mkdir(join(dir, path, ".."), { recursive: true });
  await writeFile(join(dir, path), EDGE_DATA_DEFINITION);
}

async function logOf({ url }: Portal, key: string, id: string): Promise<string> {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await callPortal(`${url}/api/jobs/${id}/logs?tail=200`, { headers });
  return (answer as { logs: string }).logs;
}

/** What SUMO says of itself at the end: ` Duration: 12.66s`, the first of two with that name. */
function durationIn(text: string): number {
  const seconds = Number(/^ ?Duration: ([\d.]+)s/m.exec(text)?.[1]);
  if (!(seconds > 0)) throw new Error("SUMO's output does not say how long it ran.");
  return seconds;
}
