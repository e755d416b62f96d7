const encoder = new TextEncoder();
const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform", // no-transform: no gzip with a flush for each event
  "x-accel-buffering": "no",
};
const HEARTBEAT_MS = 15_000;
/** What may lie ready for a reader; beyond it nothing more is asked of the source. */
const BUFFER_BYTES = 65_536;

export type EventSource = (signal: AbortSignal) => AsyncIterable<Uint8Array>;

type Options = {
  /** Aborts when the reader is gone: request.signal. */
  readonly signal: AbortSignal;
  /** Aborts when the process is to end: hub.closing. */
  readonly closing: AbortSignal;
  /** Encoded events, asked for only as fast as the reader takes them. Must return soon after its signal aborts. */
  readonly events: EventSource;
  readonly heartbeatMs?: number;
};

/** One server-sent event. `data` is written as JSON in one line. */
export function encodeEvent(
  data: unknown,
  fields: { id?: number; event?: string } = {},
): Uint8Array {
  return encoder.encode(eventText(data, fields));
}

export function eventText(
  data: unknown,
  { id, event }: { id?: number; event?: string } = {},
): string {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  const eventLine = event === undefined ? "" : `event: ${event}\n`;
  return `${idLine}${eventLine}data: ${JSON.stringify(data)}\n\n`;
}

/** An event stream that ends with `event: bye` when the process is to end, and quietly when its source does. */
export function sse({ signal, closing, events, heartbeatMs = HEARTBEAT_MS }: Options): Response {
  const gone = new AbortController();
  const iterator = events(gone.signal)[Symbol.asyncIterator]();
  let clear = () => {};

  const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const finish = (farewell?: Uint8Array) => {
      clear();
      if (farewell) controller.enqueue(farewell);
      controller.close();
    };
    const bye = () => finish(encodeEvent({}, { event: "bye" }));
    const leave = () => finish();
    const beat = setInterval(() => {
      if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(": hb\n\n"));
    }, heartbeatMs);
    clear = () => {
      gone.abort();
      clearInterval(beat);
      closing.removeEventListener("abort", bye);
      signal.removeEventListener("abort", leave);
      iterator.return?.().catch(() => undefined);
    };
    controller.enqueue(encoder.encode("retry: 2000\n\n")); // Next sends the headers with the first bytes
    closing.addEventListener("abort", bye);
    signal.addEventListener("abort", leave);
    if (closing.aborted) bye();
    else if (signal.aborted) leave();
  };

  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      const next = await iterator.next();
      if (gone.signal.aborted) return;
      if (!next.done) return controller.enqueue(next.value);
      clear();
      controller.close();
    } catch (error) {
      clear();
      throw error;
    }
  };

  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES });
  const stream = new ReadableStream<Uint8Array>({ start, pull, cancel: () => clear() }, strategy);
  return new Response(stream, { headers: HEADERS });
}
