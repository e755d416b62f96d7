import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { INPUT_OPTIONS } from "./inputs";
import { findOption, SUMO_OPTIONS } from "./option-table";
import { checkSumoOptions, SUMO_OPTION_ALLOW_LIST } from "./options";

const run = promisify(execFile);

test.each([
  ["time-to-teleport", "-1"],
  ["time-to-teleport", "0:05:00"],
  ["step-method.ballistic", "true"],
  ["device.rerouting.probability", "0.5"],
  ["device.rerouting.explicit", "a,b"],
  ["default.carfollowmodel", "IDM"],
  ["lateral-resolution", ".8"],
  ["pedestrian.model", "striping"],
  ["mesosim", "yes"],
  ["ignore-route-errors", "1"],
  ["junction-taz", "true"],
  ["max-num-vehicles", "100"],
])("a job may set %s to %s", (name, value) => {
  expect(checkSumoOptions({ [name]: value })).toEqual([]);
});

test.each<[string, string, RegExp]>([
  ["net-file", "x", /may not be set here/],
  ["tripinfo-output", "x", /may not be set here/],
  ["remote-port", "8080", /may not be set here/],
  ["xml-validation", "auto", /may not be set here/],
  ["log", "x", /may not be set here/],
  ["verbose", "true", /may not be set here/],
  ["threads", "4", /may not be set here/],
  ["device.rerouting.threads", "4", /may not be set here/],
  ["device.ssm.file", "/etc/x", /may not be set here/],
  ["device.rerouting.output", "x", /may not be set here/],
  ["pedestrian.remote.address", "h:1", /may not be set here/],
  ["phemlight-path", "/", /may not be set here/],
  ["output-prefix", "../", /may not be set here/],
  ["configuration-file", "x", /may not be set here/],
  ["random", "true", /may not be set here/],
  ["seed", "1", /job's field seed/],
  ["scale", "2", /job's field scale/],
  ["end", "10", /job's field end/],
  ["nonsense", "1", /not an option of SUMO/],
  ["__proto__x", "1", /not an option of SUMO/],
  ["--time-to-teleport", "1", /must be written time-to-teleport/],
  ["carfollow.model", "IDM", /must be written default\.carfollowmodel/],
  ["time-to-teleport", "soon", /must be seconds or hours:minutes:seconds, not 'soon'/],
  ["time-to-teleport", "0:10", /must be seconds/],
  ["max-num-vehicles", "1.5", /must be a whole number/],
  ["lateral-resolution", "x", /must be a number/],
  ["ignore-route-errors", "maybe", /must be true or false/],
  ["default.carfollowmodel", "$" + "{HOME}", /\$ in its value/],
  ["default.carfollowmodel", "a\nb", /control character/],
  ["default.carfollowmodel", "", /has no value/],
])("a job may not set %s to %j", (name, value, message) => {
  const faults = checkSumoOptions({ [name]: value });
  expect(faults).toHaveLength(1);
  expect(faults[0]?.field).toBe(`sumo_options.${name}`);
  expect(faults[0]?.message).toMatch(message);
});

test("no option of the list names a file, an output, a port, a log or threads", () => {
  for (const { name, type } of SUMO_OPTION_ALLOW_LIST.values()) {
    expect(type).not.toBe("FILE");
    expect(name).not.toMatch(
      /output|\.file|path$|address|-port$|thread|^log|log$|validation|seed|random$|gui/,
    );
  }
  expect(SUMO_OPTION_ALLOW_LIST.size).toBeGreaterThan(200);
});

test("the table knows every option of the installed sumo, with its synonyms and type", async () => {
  const { stdout } = await run(
    "sh",
    [
      "-c",
      'd=$(mktemp -d) && sumo --save-template "$d/t.xml" --save-commented >/dev/null && cat "$d/t.xml" && rm -r "$d"',
    ],
    {
      env: { ...process.env, SUMO_HOME: "/usr/share/sumo" },
      maxBuffer: 2 ** 22,
    },
  );
  const found = [
    ...stdout.matchAll(/<([\w.-]+) value="[^"]*"(?: synonymes="([^"]*)")? type="([^"]*)"/g),
  ];
  expect(found.length).toBeGreaterThan(300);
  for (const [, name = "", synonyms = "", type] of found) {
    expect([name, SUMO_OPTIONS.get(name)?.type]).toEqual([name, type]);
    for (const synonym of synonyms.split(" ").filter(Boolean))
      expect([synonym, findOption(synonym)?.name]).toEqual([synonym, name]);
  }
});

test("every option that names an input is in the table as a file", () => {
  for (const name of Object.keys(INPUT_OPTIONS)) expect(SUMO_OPTIONS.get(name)?.type).toBe("FILE");
});
