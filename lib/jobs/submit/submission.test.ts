import { expect, test } from "vitest";
import { parseSubmission, requestHash } from "./submission";

const base = { scenario_id: "morning" };

test("a form's texts and JSON's values mean the same", () => {
  const form = parseSubmission(
    {
      ...base,
      cpu_request: "4",
      seed: "0",
      begin: "1:30:00",
      scale: "0.5",
      priority: "high",
      labels: '{"n": 1}',
      end: "",
      sumo_options: '{"lateral-resolution": "0.8"}',
    },
    true,
  );
  const json = parseSubmission(
    {
      ...base,
      cpu_request: 4,
      seed: 0,
      begin: 5_400,
      scale: 0.5,
      priority: "high",
      labels: { n: 1 },
      sumo_options: { "lateral-resolution": 0.8 },
    },
    true,
  );
  expect(form).toEqual(json);
  expect(form).toMatchObject({ cpu_request: 4, memory_gi: 4, begin: 5_400, labels: { n: "1" } });
  expect(requestHash(form, "a")).toBe(requestHash({ ...json, task_token: "x" }, "a"));
  expect(requestHash(form, "a")).not.toBe(requestHash(form, "b"));
});

test("what the first generation's client sends is accepted", () => {
  expect(
    parseSubmission({ scenario_id: "s", cpu_request: "2", memory_gi: "4", task_token: "t" }, true),
  ).toMatchObject({ cpu_request: 2 });
});

test("all wrong fields are named at once", () => {
  const wrong = {
    scenario_id: "",
    cpu_request: "33",
    memory_gi: "0.5",
    seed: "-1",
    begin: "soon",
    labels: "[1]",
    priority: "urgent",
    speed: "1",
  };
  let fields: (string | undefined)[] = [];
  try {
    parseSubmission(wrong, false);
  } catch (error) {
    fields = (error as { faults: { field?: string }[] }).faults.map(({ field }) => field);
  }
  expect(new Set(fields)).toEqual(
    new Set([
      "begin",
      "cpu_request",
      "labels",
      "memory_gi",
      "priority",
      "scenario_id",
      "seed",
      "speed",
      "sumo_files",
    ]),
  );
});

test.each([
  ["begin after end", { begin: "2:00:00", end: "3600" }, "end: must be after begin"],
  ["an S3 address", { sumo_files_s3_url: "s3://bucket/x.zip" }, "upload the zip"],
  ["the zip as a text field", { sumo_files: "PK" }, "must be a file"],
  [
    "file and scenario together",
    { scenario: "0198c0de-0000-7000-8000-000000000000" },
    "send either",
  ],
  ["a label that is no name", { labels: { "a b": "1" } }, "labels: the name 'a b'"],
])("%s is refused in words", (_, fields, words) => {
  expect(() => parseSubmission({ ...base, ...fields }, true)).toThrow(words);
});

test("a job needs a file or a scenario", () => {
  expect(() => parseSubmission(base, false)).toThrow("sumo_files: send the zip");
});
