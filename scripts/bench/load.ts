import { Agent, request } from "node:http";

const REQUEST_TIMEOUT_MS = 60_000;

export type Call = {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
};

export type Load = {
  readonly perSecond: number;
  readonly errors: number;
  readonly ms: readonly number[];
};

type Options = {
  readonly url: string;
  readonly callers: number;
  readonly seconds: number;
  /** The n-th call; undefined when there is no more to send. */
  readonly call: (n: number) => Call | undefined;
};

/** `callers` that each send their next call when the last one was answered. Latencies in milliseconds. */
export async function sendLoad({ url, callers, seconds, call }: Options): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  const ms: number[] = [];
  let errors = 0;
  let next = 0;
  const caller = async () => {
    while (performance.now() < end) {
      const one = call(next);
      next += 1;
      if (!one) return;
      const sent = performance.now();
      const status = await send(agent, url, one);
      if (status >= 200 && status < 300) ms.push(performance.now() - sent);
      else errors += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  agent.destroy();
  return { perSecond: (ms.length * 1_000) / (performance.now() - begun), errors, ms };
}

function send(
  agent: Agent,
  url: string,
  { method, path, headers = {}, body }: Call,
): Promise<number> {
  const length = body ? { "content-length": String(body.length) } : {};
  return new Promise((done) => {
    const sent = request(
      `${url}${path}`,
      { agent, method, headers: { ...headers, ...length }, timeout: REQUEST_TIMEOUT_MS },
      (response) => {
        response.resume();
        response.once("end", () => done(response.statusCode ?? 0));
        response.once("error", () => done(0));
      },
    );
    sent.once("timeout", () => sent.destroy());
    sent.once("error", () => done(0));
    sent.end(body);
  });
}
