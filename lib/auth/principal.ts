import type { Database } from "@/lib/db/client";
import { AppError } from "@/lib/domain/errors";
import {
  type AdminScope,
  type KeyScope,
  TENANT_SCOPES,
  type TenantId,
  type TenantScope,
} from "@/lib/domain/tenant";
import { hashKey, isApiKey } from "./api-key";
import { isSameSecret } from "./same-secret";
import { findUsableKey } from "./store";

/** A suspended tenant may still read; lib/jobs refuses to start what it submits. */
export async function requireTenant(
  database: Database,
  headers: Headers,
  needed: KeyScope,
): Promise<TenantScope> {
  const given = keyOf(headers.get("authorization"));
  if (!given) {
    throw new AppError("UNAUTHENTICATED", "Send your API key as 'Authorization: Bearer KEY'.");
  }
  const key = isApiKey(given) ? await findUsableKey(database, hashKey(given)) : undefined;
  if (!key?.tenantId) throw new AppError("UNAUTHENTICATED", "This API key is not valid.");
  if (!key.scopes.includes(needed)) {
    throw new AppError("FORBIDDEN", `This API key lacks the scope ${needed}.`);
  }
  const scope = { tenantId: key.tenantId as TenantId, actor: `key:${key.id}`, scopes: key.scopes };
  return scope as unknown as TenantScope;
}

/** `X-Admin-Key` with ADMIN_KEY, or a key with the scope `admin` in either header. */
export async function requireAdmin(
  database: Database,
  headers: Headers,
  adminKey: string | undefined,
): Promise<AdminScope> {
  const given = headers.get("x-admin-key") ?? keyOf(headers.get("authorization"));
  if (!given)
    throw new AppError("UNAUTHENTICATED", "Send the administrator's key as 'X-Admin-Key'.");
  if (isApiKey(given)) {
    const key = await findUsableKey(database, hashKey(given));
    if (key?.scopes.includes("admin")) return { actor: `admin:${key.id}` } as AdminScope;
    if (key?.tenantId) throw new AppError("FORBIDDEN", "This API key lacks the scope admin.");
  }
  if (!adminKey && headers.has("x-admin-key") && !isApiKey(given)) {
    throw new AppError("UNAVAILABLE", "Admin key not configured: set ADMIN_KEY.");
  }
  if (adminKey && isSameSecret(given, adminKey)) return { actor: "admin:ADMIN_KEY" } as AdminScope;
  throw new AppError("UNAUTHENTICATED", "This administrator's key is not valid.");
}

/** An administrator who acts inside a tenant; what is done carries the administrator's name. */
export function actingFor(admin: AdminScope, tenantId: string): TenantScope {
  return { tenantId, actor: admin.actor, scopes: TENANT_SCOPES } as unknown as TenantScope;
}

/** First-generation scripts send the bare key as well. */
function keyOf(header: string | null): string | undefined {
  return header?.replace(/^Bearer\s+/i, "").trim() || undefined;
}
