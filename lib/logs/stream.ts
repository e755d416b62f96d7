import type { Job } from "@/lib/db/schema/jobs";
import { type EventSource, encodeEvent } from "@/lib/http/sse";
import type { LogFeeds } from "./follow";
import { podNameOf } from "./view";

type Options = {
  /** The first line to send. */
  readonly from: number;
  readonly firstGeneration: boolean;
};

/** The log as events: what the job is, then each line, then `event: end` with the final status. */
export function logEvents(
  feeds: LogFeeds,
  job: Job,
  { from, firstGeneration }: Options,
): EventSource {
  const statusOf = (state: string) => (firstGeneration && state === "CANCELLED" ? "FAILED" : state);
  return async function* events(signal) {
    const message = `Log of ${job.name} from line ${from} on.`;
    yield encodeEvent({ pod: podNameOf(job), phase: statusOf(job.state), message });
    yield* feeds.follow(job, {
      from,
      signal,
      toEnd: (end) =>
        encodeEvent({ status: statusOf(end.state), message: end.message ?? "" }, { event: "end" }),
    });
  };
}

/** Where a reader goes on: after the last line that it has, else where it asks to begin. */
export function firstLineOf(lastEventId: string | null, from: number | undefined): number {
  const last =
    lastEventId !== null && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
  return last === undefined ? (from ?? 0) : last + 1;
}
