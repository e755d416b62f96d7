import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { KubeError } from "./errors";
import { delayBeforeRetryMs } from "./retry";
import type { KubeObject, KubeStatus } from "./wire";

const MAX_SOCKETS = 16;
const CALL_TIMEOUT_MS = 15_000;
const STREAM_HEADERS_TIMEOUT_MS = 30_000;
const FIELD_MANAGER = "sumo-k8";

export type DeleteOptions = {
  readonly uid?: string;
  readonly propagationPolicy?: "Background" | "Foreground";
  readonly gracePeriodSeconds?: number;
};

type Call = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
};

/**
 * Calls of one cluster over pooled connections, each with a time limit; reads and repeatable writes are
 * tried again. The library's own calls open a connection each, have no time limit and never try again;
 * its KubeConfig (credentials of every kind) and its models are used.
 */
export class KubeClient {
  readonly #config: KubeConfig;
  #agents: { unary: Agent; stream: Agent } | undefined;

  constructor(config: KubeConfig) {
    this.#config = config;
  }

  /** From $KUBECONFIG, ~/.kube/config or the pod's service account. */
  static fromDefault(): KubeClient {
    const config = new KubeConfig();
    config.loadFromDefault();
    return new KubeClient(config);
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>({ method: "GET", path }, true);
  }

  /** Not repeated by itself unless the name is fixed: then a lost answer shows as AlreadyExists. */
  create<T extends KubeObject>(path: string, body: T): Promise<T> {
    const fixedName = body.metadata?.name !== undefined;
    const query = `fieldManager=${FIELD_MANAGER}&fieldValidation=Strict`;
    return this.#call<T>({ method: "POST", path: `${path}?${query}`, body }, fixedName);
  }

  /** Server-side apply: makes the object or brings our fields of it to what `body` says. */
  apply<T extends KubeObject>(path: string, body: T): Promise<T> {
    const query = `fieldManager=${FIELD_MANAGER}&force=true&fieldValidation=Strict`;
    const contentType = "application/apply-patch+yaml";
    return this.#call<T>({ method: "PATCH", path: `${path}?${query}`, body, contentType }, true);
  }

  /** Absent is success, and so is another object of that name (when `uid` is given). */
  async delete(path: string, options: DeleteOptions = {}): Promise<void> {
    const { uid, ...rest } = options;
    const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background", ...rest, ...(uid ? { preconditions: { uid } } : {}) };
    try {
      await this.#call({ method: "DELETE", path, body }, true);
    } catch (error) {
      const gone = error instanceof Error && error.name === "KubeError" && [404, ...(uid ? [409] : [])].includes((error as KubeError).code);
      if (!gone) throw error;
    }
  }

  /** An answer that goes on: a watch or a log. The caller reads it and ends it by the signal. */
  async stream(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#send({ method: "GET", path, signal }, "stream", STREAM_HEADERS_TIMEOUT_MS);
    if (response.statusCode !== 200) throw await toKubeError(response);
    return response;
  }

  async #call<T>(call: Call, repeatable: boolean): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once<T>(call);
      } catch (error) {
        const delayMs = delayBeforeRetryMs(error, attempt, repeatable, Math.random());
        if (delayMs === undefined) throw error;
        await sleep(delayMs, undefined, call.signal ? { signal: call.signal } : {});
      }
    }
  }

  async #once<T>(call: Call): Promise<T> {
    const response = await this.#send(call, "unary", CALL_TIMEOUT_MS);
    if ((response.statusCode ?? 500) >= 300) throw await toKubeError(response);
    return JSON.parse(await textOf(response)) as T;
  }

  async #send(call: Call, pool: "unary" | "stream", timeoutMs: number): Promise<IncomingMessage> {
    const options: RequestOptions = { headers: {} };
    await this.#config.applyToHTTPSOptions(options);
    const server = new URL(this.#config.getCurrentCluster()?.server ?? "https://localhost");
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      ...options.headers,
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": call.contentType ?? "application/json", "content-length": String(Buffer.byteLength(body)) }),
    };
    this.#agents ??= poolsFor(options);
    const url = new URL(server.pathname.replace(/\/$/, "") + call.path, server);
    return exchange(url, { ...options, headers, method: call.method, agent: this.#agents[pool] }, body, {
      timeoutMs,
      whole: pool === "unary",
      ...(call.signal ? { signal: call.signal } : {}),
    });
  }

  close(): void {
    this.#agents?.unary.destroy();
    this.#agents?.stream.destroy();
  }
}

function poolsFor({ ca, cert, key, rejectUnauthorized, servername }: RequestOptions) {
  const tls = { ca, cert, key, servername, ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }) };
  const common = { ...tls, keepAlive: true, keepAliveMsecs: 30_000 };
  return {
    unary: new Agent({ ...common, maxSockets: MAX_SOCKETS }),
    stream: new Agent({ ...common, maxSockets: Number.POSITIVE_INFINITY }),
  };
}

type Limits = { readonly timeoutMs: number; readonly whole: boolean; readonly signal?: AbortSignal };

/** The time limit holds for the whole answer of a call, and for the head of a stream. */
function exchange(url: URL, options: RequestOptions, body: string | undefined, limits: Limits): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(url, { ...options, ...(limits.signal ? { signal: limits.signal } : {}) });
    const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${limits.timeoutMs} ms`)), limits.timeoutMs);
    sent.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    sent.once("response", (response) => {
      if (limits.whole) response.once("close", () => clearTimeout(timer));
      else clearTimeout(timer);
      resolve(response);
    });
    sent.end(body);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

async function toKubeError(response: IncomingMessage): Promise<KubeError> {
  const text = await textOf(response).catch(() => "");
  const retryAfter = Number(response.headers["retry-after"]);
  return new KubeError(response.statusCode ?? 500, parseStatus(text), Number.isFinite(retryAfter) ? retryAfter : undefined);
}

function parseStatus(text: string): KubeStatus {
  try {
    return JSON.parse(text) as KubeStatus;
  } catch {
    return { message: text.slice(0, 500) };
  }
}
