/**
 * Counts of one run of vitest, from its JSON report (Jest's format): a file that could not even be
 * loaded counts as one failed test.
 */
export function countVitest(report) {
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  ).length;
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
  return {
    passed: tests.filter(({ status }) => status === "passed").length,
    failed: tests.filter(({ status }) => status === "failed").length + broken,
    skipped: skipped.length,
    skippedNames: skipped.map(({ fullName }) => fullName),
  };
}

/** Counts of one run of Playwright, from its JSON report. */
export function countPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  const names = (suite) => [
    ...(suite.specs ?? []).filter(({ tests }) => tests.some((test) => test.status === "skipped")),
    ...(suite.suites ?? []).flatMap(names),
  ];
  return {
    passed: expected,
    failed: unexpected + flaky + report.errors.length,
    skipped,
    skippedNames: report.suites.flatMap(names).map(({ title }) => title),
  };
}

/** One sum over all parts. */
export function addCounts(parts) {
  const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
  return {
    passed: sum("passed"),
    failed: sum("failed"),
    skipped: sum("skipped"),
    skippedNames: parts.flatMap(({ skippedNames }) => skippedNames ?? []),
  };
}
