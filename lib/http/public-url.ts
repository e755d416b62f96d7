/** The portal's address as the caller knows it: PUBLIC_URL, else the one that was called. No slash at the end. */
export function publicUrl(headers: Headers, configured: string | undefined): string {
  if (configured) return configured.replace(/\/+$/, "");
  const protocol = headers.get("x-forwarded-proto") === "https" ? "https" : "http";
  // Not from request.url: Next writes its own host name into that.
  return `${protocol}://${headers.get("host") ?? "localhost"}`;
}
