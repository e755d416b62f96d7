import { afterAll, beforeAll, expect, test } from "vitest";
import { jobLabels } from "@/lib/db/schema";
import type { Job } from "@/lib/db/schema/jobs";
import { lowestIdAt, makeJobId } from "@/lib/jobs/id";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { makeJob, makeTenant } from "@/tests/support/jobs";
import { listJobsPage } from "./list";
import { JobListQuery } from "./query";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof makeTenant>>;
let made: Job[];
beforeAll(async () => {
  database = await openTestDatabase();
  owner = await makeTenant(database);
  const other = await makeTenant(database);
  const wishes = [
    { name: "North 100%", state: "SUCCEEDED", labels: { study: "north" } },
    { name: "north gate", state: "FAILED", labels: { study: "north" } },
    { name: "South", state: "RUNNING", labels: { study: "south" } },
    { name: "SOUTH gate", state: "QUEUED", labels: {} },
    { name: "East", state: "SUCCEEDED", labels: { study: "a=b" } },
  ] as const;
  made = [];
  for (const wish of wishes) {
    made.push(await withLabels(await makeJob(database, owner, wish)));
    await withLabels(await makeJob(database, other, wish));
  }
});
afterAll(() => database.close());

async function withLabels(job: Job): Promise<Job> {
  const rows = Object.entries(job.labels).map(([key, value]) => ({
    tenantId: job.tenantId,
    jobId: job.id,
    key,
    value,
  }));
  if (rows.length > 0) await database.db.insert(jobLabels).values(rows);
  return job;
}

const list = async (query: Record<string, unknown>) => {
  const page = await listJobsPage(database, owner.scope, JobListQuery.parse(query));
  return page.jobs.map(({ job_id }) => made.findIndex(({ id }) => id === job_id));
};

test.each([
  ["all, newest first", {}, [4, 3, 2, 1, 0]],
  ["of one state", { status: "SUCCEEDED" }, [4, 0]],
  [
    "of several states, in order of submission",
    { status: "failed, QUEUED,SUCCEEDED" },
    [4, 3, 1, 0],
  ],
  ["by part of the name in any case", { q: "sOuTh" }, [3, 2]],
  ["with % as itself", { q: "100%" }, [0]],
  ["with _ as itself", { q: "n_rth" }, []],
  ["by label and value", { label: "study=north" }, [1, 0]],
  ["by a value with =", { label: "study=a=b" }, [4]],
  ["by label of any value", { label: "study" }, [4, 2, 1, 0]],
  ["by label and final state", { label: "study=north", status: "FAILED" }, [1]],
  ["by label and open state", { label: "study=south", status: "RUNNING,QUEUED" }, [2]],
  ["by label and text", { label: "study=north", q: "gate" }, [1]],
  ["by state and text", { status: "QUEUED,RUNNING", q: "gate" }, [3]],
])("the list %s is the tenant's alone", async (_, query, expected) => {
  expect(await list(query)).toEqual(expected);
});

test("pages follow one another without gap or repetition", async () => {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query = JobListQuery.parse({ limit: "2", ...(cursor ? { cursor } : {}) });
    const page = await listJobsPage(database, owner.scope, query);
    seen.push(...page.jobs.map(({ job_id }) => job_id));
    cursor = page.next_cursor;
  } while (cursor);
  expect(seen).toEqual(made.map(({ id }) => id).reverse());
});

test("a job is found by its id, and by the time after which it was submitted", async () => {
  expect(await list({ q: made[2]?.id })).toEqual([2]);
  expect(await list({ submitted_after: "2020-01-01T00:00:00+01:00" })).toHaveLength(5);
  expect(await list({ submitted_after: "2999-01-01T00:00:00Z" })).toEqual([]);
});

test("ids grow with time, and the lowest of a moment is not above those made then", () => {
  const [first, second] = [makeJobId(), makeJobId()];
  expect(first.id < second.id).toBe(true);
  expect(lowestIdAt(first.submittedAt) <= first.id).toBe(true);
  expect(lowestIdAt(new Date(first.submittedAt.getTime() + 1)) > first.id).toBe(true);
});

test.each([
  [{ status: "DONE" }, "must be of QUEUED"],
  [{ limit: "201" }, "from 1 to 200"],
  [{ cursor: "x" }, "next_cursor"],
  [{ submitted_after: "yesterday" }, "must be a time"],
  [{ label: "=x" }, "name=value"],
])("%o is refused in words", (query, words) => {
  expect(JobListQuery.safeParse(query).error?.issues[0]?.message).toContain(words);
});
