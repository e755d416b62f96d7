import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { ZipFile } from "yazl";

const run = promisify(execFile);

export type TinyScenario = {
  /** Simulated seconds; about 60,000 a second of wall time at the default demand. */
  readonly endSeconds?: number;
  readonly vehiclesPerHour?: number;
  /** Further files of the archive, or other contents for `run.sumocfg`, `demo.rou.xml`. */
  readonly files?: Readonly<Record<string, string>>;
};

let network: Promise<string> | undefined;

/** A 3 x 3 grid made by SUMO's netgenerate, once per process. */
function gridNetwork(): Promise<string> {
  network ??= (async () => {
    const dir = await mkdtemp(join(tmpdir(), "sumo-k8-net-"));
    const file = join(dir, "grid.net.xml");
    const args = [
      "--grid",
      "--grid.number",
      "3",
      "--grid.length",
      "200",
      "--seed",
      "1",
      "-o",
      file,
    ];
    await run("netgenerate", args, { env: { ...process.env, SUMO_HOME: "/usr/share/sumo" } });
    return readFile(file, "utf8");
  })();
  return network;
}

/** The files of a small scenario that runs on every SUMO: two crossing flows on a grid. */
export async function tinyScenario(options: TinyScenario = {}): Promise<Record<string, string>> {
  const { endSeconds = 600, vehiclesPerHour = 200, files = {} } = options;
  const flow = (id: string, from: string, to: string) =>
    `  <flow id="${id}" from="${from}" to="${to}" begin="0" end="${endSeconds}" vehsPerHour="${vehiclesPerHour}"/>`;
  return {
    "grid.net.xml": await gridNetwork(),
    "demo.rou.xml": `<routes>\n${flow("a", "A0A1", "B2C2")}\n${flow("b", "C2C1", "B0A0")}\n</routes>\n`,
    "run.sumocfg": `<configuration>
  <input><net-file value="grid.net.xml"/><route-files value="demo.rou.xml"/></input>
  <time><begin value="0"/><end value="${endSeconds}"/></time>
</configuration>
`,
    ...files,
  };
}

/** Writes a zip of these files to a temporary place and returns its path. */
export async function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-zip-"));
  const path = join(dir, "scenario.zip");
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}
