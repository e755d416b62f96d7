import { setTimeout as sleep } from "node:timers/promises";
import { callPortal, submitArchive } from "@/scripts/portal-api";
import { FIELDS, waitForJob } from "./jobs";
import { atMost, type Bench, note, type Row } from "./part";
import type { Portal } from "./portal";
import { LINE, talkativeSumo } from "./talkative-sumo";

const PER_SECOND = 2_000;
const ALL_LINES = 1_000_000;
const SCALED_LINES = 100_000;
const PAGE = 10_000;
const AWAY_MS = 3_000;

type Page = { readonly lines: readonly { n: number; text: string }[]; readonly total: number };

/** A million lines (a tenth without --full) at 2,000 a second, the portal killed twice in between: each is there once. */
export async function manyLines(bench: Bench): Promise<readonly Row[]> {
  const lines = bench.isFull ? ALL_LINES : SCALED_LINES;
  const sumo = await talkativeSumo(bench.dir, lines, PER_SECOND);
  const portal = await bench.portal({ env: { SUMO_BINARY: sumo } });
  const key = await portal.tenant("bench");
  const { job_id: id } = await submitArchive(portal.url, key, "examples/collisions.zip", FIELDS);
  await waitForJob(portal, key, id, (state) => state === "RUNNING");
  for (let kill = 0; kill < 2; kill += 1) {
    await sleep((lines / PER_SECOND / 3) * 1_000);
    bench.say("killing the portal");
    await portal.kill();
    await sleep(AWAY_MS);
    await portal.start();
  }
  const job = await waitForJob(portal, key, id);
  const { missing, twice, found } = await count(portal, key, id, lines);
  return [
    note("log lines said, at 2,000 a second, portal killed twice", lines),
    note("lines read back", found),
    note("lines that the job counts", job.log_lines),
    atMost("lines that are missing", missing, 0),
    atMost("lines that are there twice", twice, 0),
  ];
}

async function count(portal: Portal, key: string, id: string, lines: number) {
  const seen = new Uint8Array(lines);
  const headers = { authorization: `Bearer ${key}` };
  let found = 0;
  for (let from = 0; ; ) {
    const url = `${portal.url}/api/jobs/${id}/logs?from=${from}&limit=${PAGE}`;
    const page = (await callPortal(url, { headers })) as Page;
    for (const { text } of page.lines) {
      const number = LINE.exec(text)?.[1];
      if (number === undefined) continue;
      found += 1;
      seen[Number(number)] = Math.min(255, (seen[Number(number)] ?? 0) + 1);
    }
    const last = page.lines.at(-1);
    if (!last) break;
    from = last.n + 1;
  }
  return {
    found,
    missing: seen.filter((times) => times === 0).length,
    twice: seen.filter((times) => times > 1).length,
  };
}
