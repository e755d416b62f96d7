import { setTimeout as sleep } from "node:timers/promises";
import {
  FinishAnswer,
  FinishMissing,
  ReportAnswer,
  RunnerSpec,
} from "@/lib/domain/runner-protocol";

const SHORT_CALL_MS = 30_000;
const LONG_CALL_MS = 30 * 60_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
/** A portal that does not know the token may be another one that took the port; for so long we look on. */
const UNKNOWN_LIMIT_MS = 120_000;

/** The portal wants nothing of this attempt any more: stop and go. */
export class AttemptOver extends Error {
  override readonly name = "AttemptOver";
}

export type ClientOptions = {
  readonly token: string;
  /** Addresses to try, in order; asked again each time none answers. */
  readonly addresses: () => Promise<readonly string[]>;
  /** Ends all calls: the attempt lives no longer. */
  readonly signal: AbortSignal;
};

type Call = {
  readonly method: string;
  readonly path: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
  readonly timeoutMs?: number;
  /** Answers that are not an error of the way there. 2xx always are. */
  readonly expected?: readonly number[];
};

/** Calls the portal, over and over with growing pauses until it answers. Throws AttemptOver on 410. */
export class PortalClient {
  readonly #options: ClientOptions;
  #address: string | undefined;
  #unknownSince: number | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  async spec(): Promise<RunnerSpec> {
    return RunnerSpec.parse(await (await this.#call({ method: "GET", path: "/v1/spec" })).json());
  }

  /** The bytes of one input; undefined when the portal does not have it. */
  async blob(sha256: string): Promise<ReadableStream<Uint8Array> | undefined> {
    const path = `/v1/blobs/${sha256}`;
    const response = await this.#call({
      method: "GET",
      path,
      timeoutMs: LONG_CALL_MS,
      expected: [404],
    });
    if (response.status !== 404)
      return response.body ?? new ReadableStream({ start: (c) => c.close() });
    await response.body?.cancel();
    return undefined;
  }

  /** `body` is a Report in JSON. */
  async report(body: string): Promise<ReportAnswer> {
    return ReportAnswer.parse(
      await (await this.#call({ method: "POST", path: "/v1/report", body })).json(),
    );
  }

  /** Sends one part of a file. The answer is the offset to go on from, or why the portal refuses the file. */
  async put(
    path: string,
    offset: number,
    part: Uint8Array,
  ): Promise<{ offset: number } | { refused: string }> {
    const response = await this.#call({
      method: "PUT",
      path: `/v1/files/${path.split("/").map(encodeURIComponent).join("/")}`,
      body: part,
      headers: { "upload-offset": String(offset), "content-type": "application/octet-stream" },
      timeoutMs: LONG_CALL_MS,
      expected: [400, 409, 413],
    });
    if (response.ok || response.status === 409) {
      await response.body?.cancel();
      return { offset: Number(response.headers.get("upload-offset") ?? offset + part.length) };
    }
    const { detail } = (await response.json().catch(() => ({}))) as { detail?: string };
    return { refused: detail ?? `The portal answered ${response.status}.` };
  }

  /** `body` is a Finish in JSON. undefined: accepted; else what has to be sent again before. */
  async finish(body: string): Promise<FinishMissing["missing"] | undefined> {
    const response = await this.#call({
      method: "POST",
      path: "/v1/finish",
      body,
      timeoutMs: LONG_CALL_MS,
      expected: [409],
    });
    if (response.status === 409) return FinishMissing.parse(await response.json()).missing;
    FinishAnswer.parse(await response.json());
    return undefined;
  }

  async #call(call: Call): Promise<Response> {
    for (let round = 0; ; round += 1) {
      const known = await this.#options.addresses();
      const all = this.#address
        ? [this.#address, ...known.filter((address) => address !== this.#address)]
        : known;
      for (const address of all) {
        const response = await this.#tryAt(address, call);
        if (response) return response;
      }
      this.#address = undefined;
      this.#options.signal.throwIfAborted();
      const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** round);
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal: this.#options.signal });
    }
  }

  /** undefined when the portal there is away, in trouble, or not ours. */
  async #tryAt(address: string, call: Call): Promise<Response | undefined> {
    const response = await this.#fetch(address, call);
    if (!response) return undefined;
    if (response.ok || call.expected?.includes(response.status)) {
      this.#address = address;
      this.#unknownSince = undefined;
      return response;
    }
    await response.body?.cancel();
    if (response.status === 410)
      throw new AttemptOver("The portal does not want this attempt any more.");
    if (response.status === 401) this.#checkUnknown();
    return undefined;
  }

  #checkUnknown(): void {
    this.#unknownSince ??= Date.now();
    if (Date.now() - this.#unknownSince > UNKNOWN_LIMIT_MS) {
      throw new AttemptOver("No portal knows this attempt.");
    }
  }

  async #fetch(address: string, call: Call): Promise<Response | undefined> {
    const json = typeof call.body === "string" ? { "content-type": "application/json" } : {};
    try {
      return await fetch(`${address}${call.path}`, {
        method: call.method,
        headers: { authorization: `Bearer ${this.#options.token}`, ...json, ...call.headers },
        ...(call.body === undefined ? {} : { body: call.body as BodyInit }),
        signal: AbortSignal.any([
          this.#options.signal,
          AbortSignal.timeout(call.timeoutMs ?? SHORT_CALL_MS),
        ]),
      });
    } catch {
      return undefined;
    }
  }
}
