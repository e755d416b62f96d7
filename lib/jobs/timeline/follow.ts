import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@/lib/db/client";
import { isFinal } from "@/lib/domain/job-state";
import { encodeEvent } from "@/lib/http/sse";
import type { Hub } from "@/lib/hub";
import { findMoment, listTimeline, type Moment } from "./store";
import { toJobEvent } from "./view";

/** A signal may be lost, and those of another portal tell of states only: look anyway. */
const LOOK_MS = 2_000;
/** Progress comes once a second; more signals than that are looked at together. */
const GAP_MS = 200;

type Job = { readonly id: string; readonly tenantId: string };
type Deps = { readonly database: Database; readonly hub: Hub };

/**
 * The timeline as server-sent events: `event: timeline` for each row above `lastId` (with its id), `event:
 * progress` when it changed, and `event: end` with the final status.
 */
export async function* followTimeline(
  deps: Deps,
  job: Job,
  lastId: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const sent = new Set<number>();
  let last: Moment | undefined;
  while (!signal.aborted) {
    const woken = nextSignal(deps.hub, job.id, signal);
    const moment = await findMoment(deps.database, job.tenantId, job.id);
    if (!moment) return;
    if (moment.newest !== last?.newest) yield* newRows(deps.database, job, lastId, sent);
    if (hasMoved(moment, last)) yield encodeEvent(moment.progress, { event: "progress" });
    last = moment;
    if (isFinal(moment.state)) return yield encodeEvent({ status: moment.state }, { event: "end" });
    await woken;
    await sleep(GAP_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Rows are told by id: one that is written later may have happened earlier. */
async function* newRows(
  database: Database,
  job: Job,
  lastId: number,
  sent: Set<number>,
): AsyncGenerator<Uint8Array> {
  for (const row of await listTimeline(database, job.tenantId, job.id)) {
    if (row.id <= lastId || sent.has(row.id)) continue;
    sent.add(row.id);
    yield encodeEvent(toJobEvent(row), { id: row.id, event: "timeline" });
  }
}

function hasMoved(moment: Moment, last: Moment | undefined): boolean {
  return (
    moment.progress !== null && JSON.stringify(moment.progress) !== JSON.stringify(last?.progress)
  );
}

/** Listens from the moment of the call, so that nothing falls between a look and the wait. */
async function nextSignal(hub: Hub, jobId: string, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const off = hub.on(`job:${jobId}`, () => done.abort());
  await sleep(LOOK_MS, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(
    () => undefined,
  );
  off();
}
