import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { isDevelopment } from "@/lib/config/env";
import { pageHeaders } from "@/lib/http/page-headers";

/** Of pages only: Next cuts a body at 10 MB that comes by here, so nothing that takes uploads may match. */
export const config = {
  matcher: [
    {
      source: "/((?!api/|auth/|_next/|health$|ready$|metrics$).*)",
      missing: [
        { type: "header", key: "authorization" },
        { type: "header", key: "x-admin-key" },
      ],
    },
  ],
};

export function proxy(request: NextRequest): NextResponse {
  const added = pageHeaders(randomBytes(16).toString("base64"), { isDevelopment });
  const headers = new Headers(request.headers);
  // Next reads the nonce for its own scripts from here.
  headers.set("content-security-policy", added["content-security-policy"]);
  const response = NextResponse.next({ request: { headers } });
  for (const [name, value] of Object.entries(added)) response.headers.set(name, value);
  return response;
}
