/** The portal's address as the caller knows it: PUBLIC_URL, else the one that was called. No slash at the end. */
export function publicUrl(request: Request, configured: string | undefined): string {
  if (configured) return configured.replace(/\/+$/, "");
  const { headers, url } = request;
  const protocol = headers.get("x-forwarded-proto") === "https" ? "https" : "http";
  // Next writes its own host name into request.url.
  return `${protocol}://${headers.get("host") ?? new URL(url).host}`;
}
