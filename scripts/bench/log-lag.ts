import { setTimeout as sleep } from "node:timers/promises";
import { submitArchive } from "@/scripts/portal-api";
import { FIELDS, waitForJob } from "./jobs";
import { atMost, type Bench, note, percentile, type Row } from "./part";
import { cpuSeconds } from "./process-stats";
import { readStream, type StreamReader } from "./read-stream";
import { LINE, talkativeSumo } from "./talkative-sumo";

const PER_SECOND = 50;
const SECONDS = 90;
const WINDOW_MS = 20_000;
const READERS = 500;
/** 500 readers that come at once are first given the whole log so far. */
const SETTLE_MS = 10_000;

/** Lag from a line being said to a reader having it; and what 500 readers of one job cost. */
export async function logLag(bench: Bench): Promise<readonly Row[]> {
  const sumo = await talkativeSumo(bench.dir, PER_SECOND * SECONDS, PER_SECOND);
  const portal = await bench.portal({ env: { SUMO_BINARY: sumo } });
  const key = await portal.tenant("bench");
  const { job_id: id } = await submitArchive(portal.url, key, "examples/collisions.zip", FIELDS);
  await waitForJob(portal, key, id, (state) => state === "RUNNING");
  const url = `${portal.url}/api/jobs/${id}/logs/stream`;
  const lags: number[] = [];
  const begun = Date.now();
  const reader = readStream({
    url,
    key,
    onEvent: (_, data) => {
      const said = Number(LINE.exec((JSON.parse(data) as { message?: string }).message ?? "")?.[2]);
      if (said > begun) lags.push(Date.now() - said);
    },
  });
  const alone = await cpuShare(portal.pid());
  const quietLags = lags.length;
  const { readers, counts } = openReaders(url, key);
  await sleep(SETTLE_MS);
  const settled = lags.length;
  const crowded = await cpuShare(portal.pid());
  for (const one of [...readers, reader]) one.close();
  return [
    note("lines measured, at 50 a second", quietLags),
    atMost("log: lag, 95th percentile", percentile(lags.slice(0, quietLags), 0.95), 1_000, " ms"),
    atMost(
      "log: lag with 500 readers, 95th percentile",
      percentile(lags.slice(settled), 0.95),
      1_000,
      " ms",
    ),
    note("readers that got lines", counts.filter((count) => count > 0).length),
    note("portal's CPU with one reader", alone * 100, " % of a core"),
    atMost("500 readers' CPU", (crowded - alone) * 100, 33.3, " % of a core"),
  ];
}

/** The share of a core that a process takes, over 20 seconds. */
async function cpuShare(pid: number): Promise<number> {
  const [begun, before] = [performance.now(), await cpuSeconds(pid)];
  await sleep(WINDOW_MS);
  return ((await cpuSeconds(pid)) - before) / ((performance.now() - begun) / 1_000);
}

function openReaders(url: string, key: string) {
  const counts = Array.from({ length: READERS }, () => 0);
  const readers = counts.map((_, index): StreamReader => {
    const reader = readStream({
      url,
      key,
      onEvent: () => {
        counts[index] = (counts[index] ?? 0) + 1;
      },
    });
    reader.done.catch(() => undefined);
    return reader;
  });
  return { readers, counts };
}
