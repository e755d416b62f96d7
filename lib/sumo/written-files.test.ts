import { expect, test } from "vitest";
import { rewriteWrittenFiles } from "./written-files";

test("outputs of additional files that lead elsewhere are turned to /dev/null, with their lines", () => {
  const text = `<additional>
  <edgeData id="a" file="out/a.xml"/>
  <edgeData id="b" file='/tmp/b.xml'/>
  <calibrator id="c" output="localhost:80"/>
  <timedEvent dest="\${HOME}.xml"/>
  <param key="device.ssm.file" value="../x.xml"/>
  <param value="/etc/x" key="name"/>
  <e1Detector id="d" file="&#47;tmp/x"/>
</additional>`;
  const { text: result, replaced, lines } = rewriteWrittenFiles(text, "");
  expect(replaced).toEqual([
    { line: 3, value: "/tmp/b.xml" },
    { line: 4, value: "localhost:80" },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: SUMO's own notation
    { line: 5, value: "${HOME}.xml" },
    { line: 8, value: "/tmp/x" },
    { line: 6, value: "../x.xml" },
  ]);
  expect(result.match(/"\/dev\/null"/g)).toHaveLength(5);
  expect(result).toContain('file="out/a.xml"');
  expect(result).toContain('value="/etc/x"');
  expect(lines).toBe(8);
});

test("a name may go up within the run's folder", () => {
  const text = '<edgeData file="../out/a.xml"/>';
  expect(rewriteWrittenFiles(text, "det").replaced).toEqual([]);
  expect(rewriteWrittenFiles(text, "").replaced).toHaveLength(1);
  expect(rewriteWrittenFiles('<a file="../../out/a.xml"/>', "det").replaced).toHaveLength(1);
});

test("folders of outputs are named, so that they can be made", () => {
  const { folders } = rewriteWrittenFiles('<a file="out/deep/a.xml"/><b file="b.xml"/>', "det");
  expect([...folders].toSorted()).toEqual(["det/out/deep", "out/deep"]);
});
