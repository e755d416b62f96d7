import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Access, Operation } from "@/lib/api/operation";
import { requireAdmin, requireTenant } from "@/lib/auth/principal";
import { AppError, type Fault, isAppError } from "@/lib/domain/errors";
import type { AdminScope, TenantScope } from "@/lib/domain/tenant";
import { type Runtime, runtime } from "@/lib/runtime";
import { addressGroup } from "./client-address";
import { addressOf } from "./incoming";
import { problem, toAppError } from "./problem";

export type Context<A extends Access, P, Q, B> = {
  readonly request: Request;
  readonly requestId: string;
  readonly runtime: Runtime;
  readonly scope: A extends "tenant" ? TenantScope : A extends "admin" ? AdminScope : undefined;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The request came by a path of the first generation: CANCELLED reads FAILED there. */
  readonly firstGeneration: boolean;
};

type RouteContext = { params: Promise<Record<string, string | string[]>> };

/** The only place that turns headers into a scope, input into values and an error into a status. */
export function handle<
  A extends Access,
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
>(
  operation: Operation<A, P, Q, B>,
  handler: (context: Context<A, z.infer<P>, z.infer<Q>, z.infer<B>>) => Promise<Response>,
) {
  return async (request: Request, route: RouteContext): Promise<Response> => {
    const started = performance.now();
    const requestId = requestIdOf(request);
    const response = await answer(operation, handler, request, route, requestId).catch(
      async (error: unknown) =>
        refuse(operation, await counted(toAppError(error), request), requestId),
    );
    if (!response.headers.has("x-request-id")) response.headers.set("x-request-id", requestId);
    response.headers.set("x-content-type-options", "nosniff");
    runtime().metrics.request(operation.id, response.status, performance.now() - started);
    return response;
  };
}

async function answer<
  A extends Access,
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
>(
  operation: Operation<A, P, Q, B>,
  handler: (context: Context<A, z.infer<P>, z.infer<Q>, z.infer<B>>) => Promise<Response>,
  request: Request,
  route: RouteContext,
  requestId: string,
): Promise<Response> {
  const current = runtime();
  const url = new URL(request.url);
  const scope = await scopeOf(operation, current, request);
  return handler({
    request,
    requestId,
    runtime: current,
    scope: scope as Context<A, P, Q, B>["scope"],
    params: parse(operation.params, await route.params, "path"),
    query: parse(operation.query, Object.fromEntries(url.searchParams), "query"),
    body: operation.body ? parse(operation.body, await readJson(request), "body") : undefined,
    firstGeneration: !url.pathname.startsWith("/api/"),
  } as Context<A, z.infer<P>, z.infer<Q>, z.infer<B>>);
}

async function scopeOf(operation: Operation, current: Runtime, request: Request) {
  if (operation.access === "public") return undefined;
  const { database, env, rateLimit, refusalLimit } = current;
  // ADMIN_KEY may be short enough to be guessed, an API key is not.
  if (operation.access === "admin") await refusalLimit.check(callerOf(request));
  const scope =
    operation.access === "admin"
      ? await requireAdmin(database, request.headers, env.ADMIN_KEY)
      : await requireTenant(database, request.headers, operation.scope ?? "jobs:read");
  await rateLimit.take(scope.actor);
  return scope;
}

function parse(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return {};
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, where);
}

/** All wrong fields at once, each with its name. */
export function invalidInput(error: z.ZodError, where: string): AppError {
  const faults = error.issues.map(
    (issue): Fault => ({ field: issue.path.join(".") || where, message: issue.message }),
  );
  const sentence = faults.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return new AppError("INVALID_INPUT", sentence, { faults });
}

async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\b/i.test(type)) {
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json.");
  }
  try {
    return await request.json();
  } catch (error) {
    throw new AppError("BAD_REQUEST", "The body is not valid JSON.", { cause: error });
  }
}

/** One address may be a whole university: API keys that are good pass there however many bad ones come. */
async function counted(error: AppError, request: Request): Promise<AppError> {
  if (error.code !== "UNAUTHENTICATED") return error;
  const { refusalLimit } = runtime();
  return refusalLimit.take(callerOf(request)).then(() => error, toAppError);
}

function callerOf(request: Request): string {
  return addressGroup(addressOf(request));
}

function refuse(operation: Operation, error: AppError, requestId: string): Response {
  const { log } = runtime();
  const fields = { requestId, operation: operation.id, code: error.code };
  if (error.code === "INTERNAL") log.error({ ...fields, err: error.cause }, "request failed");
  else if (error.cause && !isAppError(error.cause))
    log.warn({ ...fields, err: error.cause }, error.message);
  else log.debug(fields, error.message);
  return problem(error, requestId);
}

function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}
