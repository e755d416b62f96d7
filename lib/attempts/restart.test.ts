import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archiveLog } from "@/lib/logs/archive";
import { readLines } from "@/lib/logs/read";
import {
  insertAttempt,
  makeLines,
  openPortalParts,
  type PortalParts,
  runnerClient,
} from "@/tests/support/attempts";
import { startRunnerListener } from "./listener";

const LINES = 120_000;
const LINES_A_REPORT = 2_000;

let portal: PortalParts;
beforeAll(async () => {
  portal = await openPortalParts();
});
afterAll(() => portal.dispose());

/** Sends all lines as a runner does: what got no answer is sent again from where the portal is. */
async function sendAll(client: ReturnType<typeof runnerClient>, cutEvery: number): Promise<number> {
  let lost = 0;
  let next = 0;
  for (let seq = 1; next < LINES; seq += 1) {
    const lines = makeLines(next, Math.min(LINES_A_REPORT, LINES - next));
    const answer = client
      .report({ seq, first_line: next, lines })
      .then((response) => response.json());
    if (seq % cutEvery === 0) {
      lost += 1; // the answer is lost on the way: the report goes out again
      await answer.catch(() => undefined);
      continue;
    }
    try {
      next = ((await answer) as { next_line: number }).next_line;
    } catch {
      lost += 1;
      await sleep(20);
    }
  }
  return lost;
}

test("120,000 lines arrive once each, with answers lost and the listener started again twice in between", async () => {
  const { job, token } = await insertAttempt(portal);
  const first = await startRunnerListener(portal);
  const sending = sendAll(runnerClient(first.url, token), 7);
  let current = first;
  for (let restart = 0; restart < 2; restart += 1) {
    await sleep(300);
    await current.close();
    await sleep(100);
    current = await startRunnerListener(portal);
    expect(current.url).toBe(first.url);
  }
  expect(await sending).toBeGreaterThan(0);
  await current.close();
  await archiveLog(portal, job, { number: 1 });
  for (let from = 0; from < LINES; from += 10_000) {
    const { lines, total } = await readLines(portal, job, { from, limit: 10_000, tail: 0 });
    expect(total).toBe(LINES);
    expect(lines.map(({ n, line }) => [n, line])).toEqual(
      makeLines(from, 10_000).map((line, i) => [from + i, line]),
    );
  }
});
