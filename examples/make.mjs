// npm run examples: makes the three scenarios of this folder again, with SUMO's own tools
// (netgenerate, randomTrips.py, duarouter; Debian packages sumo and sumo-tools). Same version of
// SUMO, same bytes: all seeds and times are fixed.
import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { ZipFile } from "yazl";

const here = fileURLToPath(new URL(".", import.meta.url));
const sumoHome = process.env.SUMO_HOME || "/usr/share/sumo";
const randomTrips = join(sumoHome, "tools/randomTrips.py");

const CAR = `<vType id="car" vClass="passenger" probability="0.86" speedFactor="normc(1.00,0.10,0.70,1.30)"/>`;
const LORRY = `<vType id="lorry" vClass="truck" probability="0.05" maxSpeed="22.2"/>`;
/** Drivers that follow closely and see badly: in SUMO they collide. */
const CARELESS = `<vType id="careless" vClass="passenger" probability="0.30" tau="0.30" minGap="0.50" decel="3.0" emergencyDecel="3.5" apparentDecel="6.0" speedFactor="normc(1.30,0.20,0.90,1.80)" jmIgnoreFoeProb="0.60" jmIgnoreFoeSpeed="15" jmIgnoreKeepClearTime="0" jmDriveAfterRedTime="4" lcImpatience="1.0"/>`;

const EXAMPLES = [
  {
    name: "town-morning",
    network: [
      ..."--rand --rand.grid --rand.iterations 170 --rand.min-distance 140 --rand.max-distance 280".split(
        " ",
      ),
      ..."--rand.min-angle 60 --rand.connectivity 0.95 --rand.random-lanenumber --seed 7".split(
        " ",
      ),
      ..."--default-junction-type traffic_light --tls.default-type actuated --turn-lanes 1".split(
        " ",
      ),
      ..."--turn-lanes.length 40 --default.speed 13.89".split(" "),
    ],
    types: [CAR, `<vType id="van" vClass="delivery" probability="0.09"/>`, LORRY],
    /** [begin, end, seconds between two vehicles] of each part of the morning. */
    demand: [
      [25_200, 26_100, 1.2],
      [26_100, 27_900, 0.64],
      [27_900, 28_800, 1.2],
    ],
    trips: ["--fringe-factor", "3", "--min-distance", "600"],
    options: { "device.rerouting.probability": "0.3", "device.rerouting.period": "120" },
    time: { begin: "25200" },
  },
  {
    name: "gridlock",
    network: [
      ..."--grid --grid.x-number 4 --grid.y-number 4 --grid.length 140 --grid.attach-length 180".split(
        " ",
      ),
      ..."--default-junction-type traffic_light --default.lanenumber 1 --no-turnarounds".split(" "),
    ],
    types: [CAR, LORRY],
    demand: [[0, 1_800, 0.6]],
    trips: ["--fringe-factor", "2", "--min-distance", "500"],
    options: { "time-to-teleport": "180" },
    time: { begin: "0", end: "3600" },
  },
  {
    name: "collisions",
    network: [
      ..."--grid --grid.x-number 5 --grid.y-number 5 --grid.length 220 --grid.attach-length 250".split(
        " ",
      ),
      ..."--default-junction-type priority --default.lanenumber 2 --default.speed 22.2 --no-turnarounds".split(
        " ",
      ),
    ],
    types: [CAR.replace("0.86", "0.65"), LORRY, CARELESS],
    demand: [[0, 1_800, 0.75]],
    trips: ["--fringe-factor", "4", "--min-distance", "600"],
    options: {
      "collision.action": "teleport",
      "collision.check-junctions": "true",
      "collision.mingap-factor": "0",
      "time-to-teleport": "120",
    },
    time: { begin: "0", end: "3600" },
  },
];

for (const example of EXAMPLES) {
  const dir = mkdtempSync(join(tmpdir(), "sumo-k8-example-"));
  try {
    writeInputs(dir, example);
    const bytes = await writeZip(dir, example);
    process.stdout.write(`${example.name}.zip  ${Math.round(bytes / 1024)} kB\n`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function writeInputs(dir, { name, network, types, demand, trips, options, time }) {
  const run = (command, args) =>
    execFileSync(command, args, {
      cwd: dir,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, SUMO_HOME: sumoHome },
    });
  const net = `${name}.net.xml`;
  run("netgenerate", [...network, "--no-turnarounds.except-deadend", "--output-file", net]);
  const distribution = `<vTypeDistribution id="traffic">${types.join("")}</vTypeDistribution>`;
  writeFileSync(join(dir, "types.add.xml"), `<additional>${distribution}</additional>\n`);
  const files = demand.map(([begin, end, period], index) => {
    const file = `trips${index}.xml`;
    const window = ["-b", String(begin), "-e", String(end), "-p", String(period)];
    const attributes = 'type="traffic" departLane="best" departSpeed="max"';
    const identity = ["--seed", String(index + 1), "--prefix", `${"abc"[index]}`];
    const output = ["--trip-attributes", attributes, "-o", file];
    run("python3", [randomTrips, "-n", net, ...window, ...identity, ...trips, ...output]);
    return file;
  });
  const routes = `${name}.rou.xml`;
  const input = ["-n", net, "-r", files.join(","), "--additional-files", "types.add.xml"];
  run("duarouter", [...input, "--seed", "1", "--ignore-errors", "--no-warnings", "-o", routes]);
  for (const file of [net, routes]) dropComments(join(dir, file));
  writeFileSync(join(dir, `${name}.sumocfg`), configuration(name, options, time));
}

/** The tools note the time and their options at the head of a file; without it the bytes stay the same. */
function dropComments(file) {
  writeFileSync(file, readFileSync(file, "utf8").replace(/<!--[\s\S]*?-->\s*/g, ""));
}

function configuration(name, options, time) {
  const lines = (values) =>
    Object.entries(values)
      .map(([option, value]) => `        <${option} value="${value}"/>`)
      .join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<configuration>
    <input>
        <net-file value="${name}.net.xml"/>
        <route-files value="${name}.rou.xml"/>
    </input>
    <time>
${lines(time)}
    </time>
    <processing>
${lines(options)}
    </processing>
</configuration>
`;
}

async function writeZip(dir, { name }) {
  const zip = new ZipFile();
  const target = join(here, `${name}.zip`);
  for (const file of [`${name}.sumocfg`, `${name}.net.xml`, `${name}.rou.xml`]) {
    zip.addBuffer(readFileSync(join(dir, file)), file, {
      mtime: new Date("2026-01-01T12:00:00"),
      mode: 0o100644,
      compressionLevel: 9,
    });
  }
  zip.end();
  const output = createWriteStream(target);
  await pipeline(zip.outputStream, output);
  return output.bytesWritten;
}
