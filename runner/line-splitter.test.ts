import { expect, test } from "vitest";
import { LineSplitter } from "./line-splitter";

function split(...pieces: (string | Buffer)[]): string[] {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  for (const piece of pieces) splitter.push(Buffer.from(piece), (line) => lines.push(line));
  splitter.flush((line) => lines.push(line));
  return lines;
}

test("LF, CR and CR LF end a line, wherever the pieces are cut", () => {
  const text = "one\ntwo\rStep\r\n\nlast";
  const whole = ["one", "two", "Step", "", "last"];
  expect(split(text)).toEqual(whole);
  for (let at = 0; at <= text.length; at += 1) {
    expect(split(text.slice(0, at), text.slice(at))).toEqual(whole);
  }
  expect(split(...text.split(""))).toEqual(whole);
});

test("a character cut in two is whole again, and invalid bytes are replaced", () => {
  const bytes = Buffer.from("Straße\n");
  expect(split(bytes.subarray(0, 5), bytes.subarray(5))).toEqual(["Straße"]);
  expect(split(Buffer.from([0x61, 0xff, 0x62, 0x0a]))).toEqual(["a\uFFFDb"]);
});

test("an endless line is cut at 16 KiB and the next one is whole", () => {
  const [long, next] = split("x".repeat(40_000), "y".repeat(100_000), "\nnext\n");
  expect(long).toHaveLength(16_384);
  expect(next).toBe("next");
});
