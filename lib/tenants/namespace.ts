import { createHash } from "node:crypto";

const SLUG_LIMIT = 47;

/**
 * `sim-<slug>-<10 hex digits>`: a name that Kubernetes takes (RFC 1123 label, at most 63 characters) from any
 * tenant id. The digits come from the id as it is, so ids that look alike (`City_A`, `city-a`) stay apart.
 */
export function toNamespace(tenantId: string): string {
  const digits = createHash("sha256").update(tenantId).digest("hex").slice(0, 10);
  const slug = tenantId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, SLUG_LIMIT)
    .replace(/^-+|-+$/g, "");
  return slug ? `sim-${slug}-${digits}` : `sim-${digits}`;
}
