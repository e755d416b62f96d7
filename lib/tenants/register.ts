import { type NewKey, regenerateKeys } from "@/lib/auth/keys";
import { toNewKeyView } from "@/lib/auth/view";
import type { Tenant } from "@/lib/db/schema/tenants";
import { type AdminScope, TENANT_SCOPES, type TenantId } from "@/lib/domain/tenant";
import type { Runtime } from "@/lib/runtime";
import { createTenant } from "./create";
import { defaultLimits, type LimitsInput, withLimits } from "./limits";
import { getTenant } from "./store";
import { toTenantView } from "./view";

type Parts = Pick<Runtime, "database" | "env">;

/** A tenant with the limits that are named and the environment's for the rest. Throws CONFLICT. */
export async function registerTenant(
  { database, env }: Parts,
  admin: AdminScope,
  { tenant_id, ...input }: LimitsInput & { tenant_id: string },
  url: string,
) {
  const limits = withLimits(defaultLimits(env), input);
  const tenantId = tenant_id as TenantId;
  const { tenant, key } = await createTenant(database.db, admin, { tenantId, limits });
  return withKey(tenant, key, url);
}

/** A new key in place of all that the tenant has. Throws NOT_FOUND. */
export async function regenerateTenantKey(
  { database }: Parts,
  admin: AdminScope,
  tenantIdText: string,
  url: string,
) {
  const tenantId = tenantIdText as TenantId;
  const tenant = await getTenant(database.db, tenantId);
  const wish = { tenantId, name: "regenerated key", scopes: TENANT_SCOPES };
  return withKey(tenant, await regenerateKeys(database.db, admin.actor, wish), url);
}

function withKey(tenant: Tenant, key: NewKey, url: string) {
  const { api_key, key_id, curl } = toNewKeyView(key, url);
  return { ...toTenantView(tenant), api_key, key_id, curl };
}
