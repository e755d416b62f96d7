import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunnerListener, startRunnerListener } from "@/lib/attempts/listener";
import { jobs } from "@/lib/db/schema";
import type { Job } from "@/lib/db/schema/jobs";
import { sse } from "@/lib/http/sse";
import {
  eq,
  insertAttempt,
  makeLines,
  openPortalParts,
  type PortalParts,
  portalParts,
  runnerClient,
} from "@/tests/support/attempts";
import { archiveLog } from "./archive";
import { LogFeeds } from "./follow";
import { firstLineOf, logEvents } from "./stream";

let portal: PortalParts;
let listener: RunnerListener;
let feeds: LogFeeds;
beforeAll(async () => {
  portal = await openPortalParts();
  listener = await startRunnerListener(portal);
  feeds = new LogFeeds(portal);
});
afterAll(async () => {
  await listener.close();
  await portal.dispose();
});

type Line = { readonly n: number; readonly message: string };
type Heard = { readonly lines: Line[]; readonly ends: unknown[]; readonly text: string };

/** A reader of the stream, as EventSource would be one. */
function openReader(
  job: Job,
  options: { from?: number; lastEventId?: string; feeds?: LogFeeds } = {},
) {
  const gone = new AbortController();
  const from = firstLineOf(options.lastEventId ?? null, options.from);
  const source = logEvents(options.feeds ?? feeds, job, { from, firstGeneration: false });
  let bytesAsked = 0;
  const events = async function* counted(signal: AbortSignal) {
    for await (const event of source(signal)) {
      bytesAsked += event.length;
      yield event;
    }
  };
  const reader = sse({
    signal: gone.signal,
    closing: portal.hub.closing,
    events,
  }).body?.getReader();
  if (!reader) throw new Error("no body");
  const decoder = new TextDecoder();
  const heard = { lines: [] as Line[], ends: [] as unknown[], text: "" };
  let rest = "";
  /** Reads on until there are so many lines, or the end. */
  const read = async (enough = Number.POSITIVE_INFINITY): Promise<Heard> => {
    while (heard.lines.length < enough) {
      const { done, value } = await reader.read();
      if (done) break;
      const text = decoder.decode(value, { stream: true });
      heard.text += text;
      rest = parse(rest + text, heard);
    }
    return heard;
  };
  return { read, leave: () => gone.abort(), bytesAsked: () => bytesAsked };
}

/** Takes whole events in, and returns the rest. */
function parse(text: string, heard: { lines: Line[]; ends: unknown[] }): string {
  const blocks = text.split("\n\n");
  for (const block of blocks.slice(0, -1)) {
    const data = /^data: (.*)$/m.exec(block)?.[1];
    const id = /^id: (\d+)$/m.exec(block)?.[1];
    if (data && id) {
      heard.lines.push(JSON.parse(data) as Line);
      expect(heard.lines.at(-1)?.n).toBe(Number(id));
    } else if (data && block.includes("event: end")) heard.ends.push(JSON.parse(data));
  }
  return blocks.at(-1) ?? "";
}

const end = (job: Job) =>
  portal.database.db
    .update(jobs)
    .set({ state: "SUCCEEDED", reason: "Completed", message: "Ended." })
    .where(eq(jobs.id, job.id));

const expected = (first: number, count: number) =>
  makeLines(first, count).map(([, , , message], index) => [first + index, message]);
const told = (lines: readonly Line[]) => lines.map(({ n, message }) => [n, message]);

test("a reader that comes back with Last-Event-ID gets each line once, while the job runs, ends and is stored away", async () => {
  const { job, token } = await insertAttempt(portal);
  const client = runnerClient(listener.url, token);
  const write = async () => {
    for (let at = 0, seq = 1; at < 6_000; at += 100, seq += 1) {
      await client.report({ seq, first_line: at, lines: makeLines(at, 100) });
    }
    await archiveLog(portal, job, { number: 1 });
    await end(job);
    portal.hub.emit(`job:${job.id}`);
  };
  const writing = write();
  const lines: Line[] = [];
  let heard: Heard | undefined;
  while (!heard?.ends.length) {
    const last = lines.at(-1);
    const reader = openReader(job, last ? { lastEventId: String(last.n) } : {});
    heard = await reader.read(700);
    reader.leave();
    lines.push(...heard.lines);
  }
  await writing;
  expect(told(lines)).toEqual(expected(0, 6_000));
  expect(heard.ends).toEqual([{ status: "SUCCEEDED", message: "Ended." }]);
  expect(heard.text).toMatch(
    /^retry: 2000\n\ndata: \{"pod":"sim-.*-1","phase":"PENDING","message":/,
  );
});

test("nothing is read ahead for a reader that does not read, and it loses nothing", async () => {
  const { job, token } = await insertAttempt(portal);
  const client = runnerClient(listener.url, token);
  const slow = openReader(job);
  const fast = openReader(job);
  await slow.read(0);
  const everything = fast.read();
  for (let at = 0, seq = 1; at < 100_000; at += 2_000, seq += 1) {
    await client.report({ seq, first_line: at, lines: makeLines(at, 2_000) });
  }
  await end(job);
  portal.hub.emit(`job:${job.id}`);
  expect(told((await everything).lines)).toEqual(expected(0, 100_000));
  expect(slow.bytesAsked()).toBeLessThan(200_000);
  expect(told((await slow.read()).lines)).toEqual(expected(0, 100_000));
});

test("lines that came to another portal arrive as well", async () => {
  const { job, token } = await insertAttempt(portal);
  const other = portalParts(portal.database, portal.env.SUMO_K8_DATA_DIR);
  const reader = openReader(job, { feeds: new LogFeeds(other) });
  await runnerClient(listener.url, token).report({ seq: 1, lines: makeLines(0, 3) });
  expect(told((await reader.read(3)).lines)).toEqual(expected(0, 3));
  reader.leave();
});

test("a finished job streams like a running one, from the line that is asked for, and a deleted one ends", async () => {
  const { job, token } = await insertAttempt(portal);
  await runnerClient(listener.url, token).report({ seq: 1, lines: makeLines(0, 5_000) });
  await archiveLog(portal, job, { number: 1 });
  await end(job);
  const heard = await openReader(job, { from: 4_321 }).read();
  expect(told(heard.lines)).toEqual(expected(4_321, 679));
  expect(heard.ends).toHaveLength(1);
  await portal.database.db.delete(jobs).where(eq(jobs.id, job.id));
  expect((await openReader(job).read()).ends).toEqual([
    { status: "DELETED", message: "The job was deleted." },
  ]);
});

test("500 readers of one job all hear all of it", async () => {
  const { job, token } = await insertAttempt(portal);
  const client = runnerClient(listener.url, token);
  const readers = Array.from({ length: 500 }, () => openReader(job));
  const all = readers.map((reader) => reader.read());
  for (let seq = 1; seq <= 5; seq += 1) {
    await client.report({ seq, first_line: (seq - 1) * 20, lines: makeLines((seq - 1) * 20, 20) });
  }
  await end(job);
  portal.hub.emit(`job:${job.id}`);
  const whole = expected(0, 100);
  for (const heard of await Promise.all(all)) expect(told(heard.lines)).toEqual(whole);
});

test("a portal that goes down says good-bye, and an open reader then ends", async () => {
  const { job } = await insertAttempt(portal);
  const reader = openReader(job);
  await reader.read(0);
  portal.hub.close();
  expect((await reader.read()).text).toContain("event: bye\ndata: {}\n\n");
});
