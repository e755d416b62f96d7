import { expect, test } from "vitest";
import { toFileAnswer } from "./range";

const file = { size: 1_000, etag: '"abc"' };
const whole = { status: 200 };
const none = { status: 416 };
const part = (start: number, end: number) => ({ status: 206, start, end });

test.each([
  [{}, whole],
  [{ range: "bytes=0-99" }, part(0, 99)],
  [{ range: "bytes=0-0" }, part(0, 0)],
  [{ range: "bytes=990-" }, part(990, 999)],
  [{ range: "bytes=990-5000" }, part(990, 999)],
  [{ range: "bytes=-10" }, part(990, 999)],
  [{ range: "bytes=-5000" }, part(0, 999)],
  [{ range: "BYTES=5-6" }, part(5, 6)],
  [{ range: "bytes=1000-" }, none],
  [{ range: "bytes=-0" }, none],
  [{ range: "bytes=99999999999999999999-" }, none],
  [{ range: "bytes=6-5" }, whole],
  [{ range: "bytes=-" }, whole],
  [{ range: "bytes=a-b" }, whole],
  [{ range: "bytes=0-1,5-6" }, whole],
  [{ range: "lines=0-5" }, whole],
  [{ range: "bytes=0-1", "if-range": '"abc"' }, part(0, 1)],
  [{ range: "bytes=0-1", "if-range": '"old"' }, whole],
  [{ range: "bytes=0-1", "if-range": 'W/"abc"' }, whole],
  [{ range: "bytes=0-1", "if-range": "Tue, 24 Nov 2026 06:00:00 GMT" }, whole],
  [{ "if-none-match": '"abc"' }, { status: 304 }],
  [{ "if-none-match": '"x", W/"abc"' }, { status: 304 }],
  [{ "if-none-match": "*" }, { status: 304 }],
  [{ "if-none-match": '"x"' }, whole],
  [{ "if-none-match": '"abc"', range: "bytes=0-1" }, { status: 304 }],
])("a request with %o gets %o", (headers, expected) => {
  expect(toFileAnswer(new Headers(headers as Record<string, string>), file)).toEqual(expected);
});

test("no range of an empty file can be satisfied", () => {
  for (const range of ["bytes=0-", "bytes=0-0", "bytes=-1"]) {
    expect(toFileAnswer(new Headers({ range }), { size: 0, etag: '"e"' }), range).toEqual(none);
  }
});
