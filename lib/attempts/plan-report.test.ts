import { expect, test } from "vitest";
import type { LogLine } from "@/lib/domain/runner-protocol";
import { makeLines, toReport } from "@/tests/support/attempts";
import { planReport } from "./plan-report";

const stored = { lineCount: 10, reportSeq: 5, phase: "CheckingInputs" as const };
const texts = (lines: readonly LogLine[]) => lines.map(([, , , text]) => text);

test.each([
  ["goes on", 10, 3, ["line 10", "line 11", "line 12"], 13],
  ["overlaps", 8, 4, ["line 10", "line 11"], 12],
  ["repeats", 0, 10, [], 10],
  ["has nothing", 10, 0, [], 10],
  ["comes after a gap", 11, 5, [], 10],
])("a report that %s stores what is new", (_, first, count, expected, next) => {
  const plan = planReport(
    stored,
    toReport({ seq: 6, first_line: first, lines: makeLines(first, count) }),
  );
  expect([texts(plan.lines), plan.nextLine]).toEqual([expected, next]);
});

test("an old report has no news but lines", () => {
  expect(planReport(stored, toReport({ seq: 5 })).fresh).toBe(false);
  expect(planReport(stored, toReport({ seq: 6 })).fresh).toBe(true);
});

test("only phases after the one that was recorded are new, in their order", () => {
  const at = "2026-11-24T06:00:00.000Z";
  const told = ["UploadingResults", "DownloadingInputs", "Simulating", "CheckingInputs"] as const;
  const { phases } = planReport(stored, toReport({ phases: told.map((phase) => ({ phase, at })) }));
  expect(phases.map(({ phase }) => phase)).toEqual(["Simulating", "UploadingResults"]);
});
