import { isDeepStrictEqual } from "node:util";
import type { ZodType } from "zod";
import { errorsOf } from "@/lib/api/openapi";
import type { Operation, ResponseSpec } from "@/lib/api/operation";
import { OPERATIONS } from "@/lib/api/registry";
import { Problem } from "@/lib/api/schemas";
import type { ErrorCode } from "@/lib/domain/errors";

export type Call = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly form?: FormData;
  /** Sent as it is. */
  readonly raw?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
  /** By the operation's path of the first generation. */
  readonly firstGeneration?: boolean;
  readonly signal?: AbortSignal;
};

/** `body` is JSON or text; of files and streams it is null, and `response` is there to be read. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly response: Response;
};

export type ApiClient = { call(operationId: string, call?: Call): Promise<Answer> };

type Credentials = { readonly key?: string; readonly adminKey?: string };

/** Calls operations by their ids and throws when an answer is not one that the OpenAPI document promises. */
export function apiClient(baseUrl: string, { key, adminKey }: Credentials = {}): ApiClient {
  const credentials = {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(adminKey === undefined ? {} : { "x-admin-key": adminKey }),
  };
  return {
    async call(operationId, call = {}) {
      const operation = getOperation(operationId);
      const headers = new Headers({ ...credentials, ...call.headers });
      if (call.body !== undefined) headers.set("content-type", "application/json");
      const body = call.body === undefined ? (call.form ?? call.raw) : JSON.stringify(call.body);
      const response = await fetch(new URL(pathOf(operation, call), baseUrl), {
        method: operation.method,
        headers,
        body: body ?? null,
        redirect: "error",
        signal: call.signal ?? null,
      });
      const answer = { status: response.status, headers: response.headers, response };
      return { ...answer, body: await checked(operation, response) };
    },
  };
}

function getOperation(id: string): Operation {
  const operation = OPERATIONS.find((one) => one.id === id);
  if (!operation) throw new Error(`There is no operation ${id}.`);
  return operation;
}

/** A parameter fills `{name}`; slashes of a path inside it stay. */
function pathOf(operation: Operation, { params = {}, query = {}, firstGeneration }: Call): string {
  const template = firstGeneration ? operation.alias : operation.path;
  if (!template) throw new Error(`${operation.id} has no path of the first generation.`);
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`${operation.id} needs the parameter ${name}.`);
    return value.split("/").map(encodeURIComponent).join("/");
  });
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]),
  );
  return search.size > 0 ? `${path}?${search}` : path;
}

/** The body of an answer that the document lists; throws otherwise. */
async function checked(operation: Operation, response: Response): Promise<unknown> {
  const at = `${operation.id} answered ${response.status}`;
  if (!response.headers.get("x-request-id")) throw new Error(`${at} without a request id.`);
  if (response.headers.get("x-content-type-options") !== "nosniff") {
    throw new Error(`${at} without nosniff.`);
  }
  const spec = operation.responses[response.status];
  const isProblem = typeOf(response) === "application/problem+json";
  if (spec && !isProblem) return checkedBody(at, spec, operation, response);
  const codes = errorsOf(operation)[response.status];
  if (!codes) throw new Error(`${at}, which is not listed: ${await response.text()}`);
  if (operation.method === "HEAD") return null;
  return checkedProblem(at, codes, response);
}

async function checkedBody(
  at: string,
  { schema, contentType }: ResponseSpec,
  operation: Operation,
  response: Response,
): Promise<unknown> {
  const expected = contentType ?? (schema ? "application/json" : "");
  if (operation.method === "HEAD" || expected === "") return null;
  const type = typeOf(response);
  if (expected !== "*/*" && type !== expected) {
    throw new Error(`${at} with ${type || "no type"}, not ${expected}.`);
  }
  if (expected === "text/plain") return response.text();
  return schema && type === "application/json" ? checkedJson(at, schema, response) : null;
}

async function checkedJson(at: string, schema: ZodType, response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Error(`${at} against its schema: ${parsed.error.message}`);
  // Fields that the schema lacks are not in what it returns.
  if (!isDeepStrictEqual(parsed.data, body)) {
    throw new Error(`${at} with fields that its schema lacks: ${JSON.stringify(body)}`);
  }
  return body;
}

async function checkedProblem(
  at: string,
  codes: ErrorCode[],
  response: Response,
): Promise<unknown> {
  const text = await response.text();
  if (typeOf(response) !== "application/problem+json")
    throw new Error(`${at}, no problem: ${text}`);
  const problem = Problem.strict().parse(JSON.parse(text));
  if (problem.status !== response.status || !codes.includes(problem.code as ErrorCode)) {
    throw new Error(`${at} with a problem that is not listed: ${text}`);
  }
  return problem;
}

function typeOf(response: Response): string {
  return response.headers.get("content-type")?.split(";")[0]?.trim() ?? "";
}
