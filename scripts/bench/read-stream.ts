import { get } from "node:http";

export type StreamReader = { readonly done: Promise<void>; close(): void };

type Options = {
  readonly url: string;
  readonly key: string;
  /** One event: its id and its data, as text. */
  readonly onEvent: (id: string, data: string) => void;
};

/** Reads server-sent events until the stream ends, or is closed: https://html.spec.whatwg.org/#event-stream-interpretation */
export function readStream({ url, key, onEvent }: Options): StreamReader {
  const headers = { authorization: `Bearer ${key}` };
  let request: ReturnType<typeof get> | undefined;
  const done = new Promise<void>((resolve, reject) => {
    request = get(url, { headers, agent: false }, (response) => {
      let rest = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        const events = `${rest}${piece}`.split("\n\n");
        rest = events.pop() ?? "";
        for (const event of events) take(event, onEvent);
      });
      response.once("close", resolve);
    });
    request.once("error", reject);
  });
  return { done, close: () => request?.destroy() };
}

function take(event: string, onEvent: Options["onEvent"]): void {
  let id = "";
  let data = "";
  for (const line of event.split("\n")) {
    if (line.startsWith("id: ")) id = line.slice(4);
    if (line.startsWith("data: ")) data = line.slice(6);
  }
  if (data !== "") onEvent(id, data);
}
