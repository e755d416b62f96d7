import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Operation } from "@/lib/api/operation";

type Handler = (
  request: Request,
  route: { params: Promise<Record<string, string>> },
) => Promise<Response>;

/** An operation without a body, and the handler that its Next route exports too. */
export type DirectRoute = {
  readonly operation: Pick<Operation, "method" | "path" | "alias">;
  readonly handler: Handler;
};

/**
 * Answers the operations that scripts call again and again before Next sees them: Next's own work for a request is
 * several times that of the operation. Everything else, other methods and spellings of a path too, goes on to Next,
 * whose route gives the same answer. `port` tells the portal's server from others in this process.
 */
export function serveDirectly(routes: readonly DirectRoute[], port: number): void {
  const match = createMatch(routes);
  const channel = "http.server.request.start";
  const onRequest = (message: unknown) => {
    const { server } = message as { server: Server };
    const address = server.address();
    if (typeof address !== "object" || address?.port !== port) return;
    diagnostics.unsubscribe(channel, onRequest);
    putBefore(server, match);
  };
  diagnostics.subscribe(channel, onRequest);
}

type Found = { readonly handler: Handler; readonly params: Record<string, string> };
type Match = (method: string, url: string) => Found | undefined;

/** Pure: the route of a request, by its method and its path without a query. */
export function createMatch(routes: readonly DirectRoute[]): Match {
  const patterns = routes.flatMap(({ operation: { method, path, alias }, handler }) =>
    [path, ...(alias ? [alias] : [])].map((text) => ({
      method,
      handler,
      pattern: patternOf(text),
    })),
  );
  return (method, url) => {
    for (const route of patterns) {
      const found = route.method === method ? route.pattern.exec(url) : null;
      if (found) return { handler: route.handler, params: { ...found.groups } };
    }
    return undefined;
  };
}

/** Of `{job_id}` only letters, digits, - and _ are taken: what needs decoding is for Next. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[\\w-]+)")}$`);
}

/** The first generation's paths are for requests with a key alone, as in next.config.ts. */
function isForApi(request: IncomingMessage): boolean {
  return request.url?.startsWith("/api/") === true || request.headers.authorization !== undefined;
}

function putBefore(server: Server, match: Match): void {
  const others = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const found = isForApi(request) ? match(request.method ?? "", request.url ?? "") : undefined;
    if (found) void answer(found, request, response);
    else for (const other of others) other.call(server, request, response);
  });
}

async function answer(
  { handler, params }: Found,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]);
    const url = `http://${request.headers.host ?? "localhost"}${request.url}`;
    const init = { method: request.method ?? "GET", headers };
    const answered = await handler(new Request(url, init), { params: Promise.resolve(params) });
    const body = Buffer.from(await answered.arrayBuffer());
    response.writeHead(answered.status, {
      ...Object.fromEntries(answered.headers),
      "content-length": body.length,
    });
    response.end(body);
  } catch {
    response.destroy(); // the caller is gone, or sent what is no request
  }
}
