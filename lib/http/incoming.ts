import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage, Server } from "node:http";
import { clientAddress } from "./client-address";

const KEEP_ALIVE_MS = 75_000;

/**
 * What Next does not offer, for every HTTP server of this process: Node ends any request after 300 s, and a large upload
 * needs longer; and a handler cannot see the socket, so X-Forwarded-For is made to hold the one true address.
 */
export function watchRequests(trustedHops: number): void {
  const servers = new WeakSet<Server>();
  diagnostics.subscribe("http.server.request.start", (message) => {
    const { request, server } = message as { request: IncomingMessage; server: Server };
    if (!servers.has(server)) {
      servers.add(server);
      server.requestTimeout = 0;
      server.keepAliveTimeout = KEEP_ALIVE_MS;
    }
    const claimed = request.headers["x-forwarded-for"];
    request.headers["x-forwarded-for"] = clientAddress(
      typeof claimed === "string" ? claimed : undefined,
      request.socket.remoteAddress,
      trustedHops,
    );
  });
}

/** The caller's address as watchRequests left it. */
export function addressOf(request: Request): string {
  return request.headers.get("x-forwarded-for") ?? "unknown";
}
