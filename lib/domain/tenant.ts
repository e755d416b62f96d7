import type { Brand } from "./brand";

export type TenantId = Brand<string, "TenantId">;

/** What a key may do. `admin` keys belong to no tenant. */
export const KEY_SCOPES = ["jobs:read", "jobs:write", "tenant:manage", "admin"] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** What a tenant's key can have. */
export const TENANT_SCOPES = [
  "jobs:read",
  "jobs:write",
  "tenant:manage",
] as const satisfies readonly KeyScope[];

/** Only lib/auth builds one, so holding a scope proves that the key of this tenant was checked. */
export type TenantScope = Brand<
  {
    readonly tenantId: TenantId;
    readonly actor: string;
    readonly scopes: readonly KeyScope[];
  },
  "TenantScope"
>;

/** Only lib/auth builds one. Admin functions take it and live in files of their own. */
export type AdminScope = Brand<{ readonly actor: string }, "AdminScope">;

/** Limits of one tenant. Numbers that a job is measured against at submission and while it waits. */
export type TenantLimits = {
  readonly maxCpu: number;
  readonly maxMemoryMib: number;
  readonly maxConcurrentJobs: number;
  readonly maxQueuedJobs: number;
  readonly maxStorageMib: number;
  readonly maxRunSeconds: number;
  readonly retentionDays: number;
};
