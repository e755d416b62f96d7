import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Hub } from "@/lib/hub";
import { cancelJob } from "@/lib/jobs/cancel/cancel";
import { moveJob } from "@/lib/jobs/store";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { makeJob, makeTenant } from "@/tests/support/jobs";
import { followTimeline } from "./follow";
import { listEvents } from "./list";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof makeTenant>>;
beforeAll(async () => {
  database = await openTestDatabase();
  owner = await makeTenant(database);
});
afterAll(() => database.close());

async function collect(events: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = [];
  for await (const bytes of events) texts.push(Buffer.from(bytes).toString());
  return texts;
}

test("each row of the timeline is sent once, though it happened before what was sent already, and the end ends it", async () => {
  const job = await makeJob(database, owner);
  const hub = new Hub();
  const reading = collect(followTimeline({ database, hub }, job, 0, new AbortController().signal));
  const late = { reason: "Starting", message: null, actor: "portal" } as const;
  await moveJob(database.db, job, "PENDING", { ...late, at: new Date() });
  hub.emit(`job:${job.id}`);
  await sleep(300);
  const pending = { ...job, state: "PENDING" } as const;
  await moveJob(database.db, pending, "RUNNING", {
    ...late,
    reason: "Simulating",
    at: new Date(0),
  });
  hub.emit(`job:${job.id}`);
  await sleep(300);
  await moveJob(database.db, { ...job, state: "RUNNING" }, "FAILED", {
    ...late,
    reason: "SumoError",
    at: new Date(),
  });
  hub.emit(`job:${job.id}`);
  const texts = await reading;
  const states = texts.flatMap((text) => /"state":"([A-Z]+)"/.exec(text)?.[1] ?? []);
  expect(states).toEqual(["PENDING", "RUNNING", "FAILED"]);
  expect(texts.at(-1)).toBe('event: end\ndata: {"status":"FAILED"}\n\n');
});

test("a reader that comes back gets what it has not seen, though no signal tells of it", async () => {
  const job = await makeJob(database, owner, { state: "RUNNING", progress: null });
  const at = new Date();
  await moveJob(database.db, job, "SUCCEEDED", {
    reason: "Completed",
    message: "Done.",
    at,
    actor: "runner",
  });
  const { events } = await listEvents(database, job);
  const again = await collect(
    followTimeline(
      { database, hub: new Hub() },
      job,
      events[0]?.id ?? 0,
      new AbortController().signal,
    ),
  );
  expect(again).toEqual(['event: end\ndata: {"status":"SUCCEEDED"}\n\n']);
});

test("a cancel that is repeated stands on the timeline once", async () => {
  const job = await makeJob(database, owner, { state: "RUNNING", attempt: 1 });
  const cancels = Array.from({ length: 5 }, () =>
    cancelJob(database, owner.scope, job.id, new Date()),
  );
  await Promise.all(cancels);
  const { events } = await listEvents(database, job);
  expect(events.map(({ action }) => action)).toEqual(["job.cancel"]);
});
