import { expect, test } from "vitest";
import { addCounts, countPlaywright, countVitest } from "./test-report.mjs";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((name, index) => ({ status: name, fullName: `test ${index}` })),
});

test("a test file that cannot be loaded counts as a failure", () => {
  const counts = countVitest({ testResults: [file("passed", "passed", "passed"), file("failed")] });
  expect(counts).toMatchObject({ passed: 2, failed: 1, skipped: 0 });
});

test("skipped tests are counted and named", () => {
  const counts = countVitest({ testResults: [file("failed", "passed", "pending", "failed")] });
  expect(counts).toEqual({ passed: 1, failed: 1, skipped: 1, skippedNames: ["test 1"] });
});

test("a browser test that passed at the second try only counts as failed", () => {
  const spec = { title: "a page", tests: [{ status: "skipped" }] };
  const report = {
    stats: { expected: 3, unexpected: 0, flaky: 1, skipped: 1 },
    errors: [],
    suites: [{ suites: [{ specs: [spec] }] }],
  };
  expect(countPlaywright(report)).toEqual({
    passed: 3,
    failed: 1,
    skipped: 1,
    skippedNames: ["a page"],
  });
});

test("the last line is the sum over all parts", () => {
  const one = { passed: 1, failed: 2, skipped: 3, skippedNames: ["a"] };
  expect(addCounts([one, { passed: 10, failed: 0, skipped: 0 }])).toEqual({
    passed: 11,
    failed: 2,
    skipped: 3,
    skippedNames: ["a"],
  });
});
