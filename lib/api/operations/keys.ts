import { z } from "zod";
import { defineOperation } from "@/lib/api/operation";
import { Instant } from "@/lib/api/schemas";
import { KEY_SCOPES, TENANT_SCOPES } from "@/lib/domain/tenant";

const Key = z
  .object({
    key_id: z.string().describe("The public part of the key."),
    name: z.string(),
    scopes: z.array(z.enum(KEY_SCOPES)),
    created_at: Instant,
    expires_at: Instant.nullable(),
    last_used_at: Instant.nullable().describe("To the minute."),
  })
  .meta({ id: "Key" });

const NewKey = Key.extend({
  api_key: z.string().describe("Shown this once; only its hash is kept."),
  curl: z.string().describe("A line to try the key with."),
}).meta({ id: "NewKey" });

const name = z.string().trim().min(1).max(100).describe("What the key is for.");
const expires_at = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((date) => date.getTime() > Date.now(), "lies in the past")
  .optional()
  .describe("Not given: it stays until it is revoked.");
const scopes = z
  .array(z.enum(TENANT_SCOPES))
  .min(1)
  .transform((list) => [...new Set(list)])
  .optional()
  .describe("At most what the own key may. Not given: everything but tenant:manage.");

const KeyList = z.object({ keys: z.array(Key) });
const KeyParams = z.object({ key_id: z.string() });
const TenantParams = z.object({ tenant_id: z.string() });
const tag = "Keys";
const created = { 201: { description: "With the key, shown this once.", schema: NewKey } };
const listed = {
  200: { description: "Keys that are not revoked, the newest first.", schema: KeyList },
};
const revoked = { 204: { description: "Refused from the next request on." } };

export const listKeys = defineOperation({
  id: "listKeys",
  method: "GET",
  path: "/api/keys",
  tag,
  summary: "List the own tenant's keys",
  access: "tenant",
  scope: "tenant:manage",
  responses: listed,
  errors: [],
});

export const createKey = defineOperation({
  id: "createKey",
  method: "POST",
  path: "/api/keys",
  tag,
  summary: "Make a key for the own tenant",
  access: "tenant",
  scope: "tenant:manage",
  body: z.strictObject({ name, scopes, expires_at }),
  responses: created,
  errors: ["CONFLICT", "INVALID_INPUT"],
});

export const revokeKey = defineOperation({
  id: "revokeKey",
  method: "DELETE",
  path: "/api/keys/{key_id}",
  tag,
  summary: "Revoke a key of the own tenant",
  access: "tenant",
  scope: "tenant:manage",
  params: KeyParams,
  responses: revoked,
  errors: ["NOT_FOUND"],
});

export const listTenantKeys = defineOperation({
  id: "listTenantKeys",
  method: "GET",
  path: "/api/admin/tenants/{tenant_id}/keys",
  tag,
  summary: "List a tenant's keys",
  access: "admin",
  params: TenantParams,
  responses: listed,
  errors: ["NOT_FOUND"],
});

export const createTenantKey = defineOperation({
  id: "createTenantKey",
  method: "POST",
  path: "/api/admin/tenants/{tenant_id}/keys",
  tag,
  summary: "Make a key for a tenant",
  access: "admin",
  params: TenantParams,
  body: z.strictObject({
    name,
    scopes: scopes.describe("Not given: all that a tenant's key can have."),
    expires_at,
  }),
  responses: created,
  errors: ["NOT_FOUND", "CONFLICT", "INVALID_INPUT"],
});

export const revokeTenantKey = defineOperation({
  id: "revokeTenantKey",
  method: "DELETE",
  path: "/api/admin/tenants/{tenant_id}/keys/{key_id}",
  tag,
  summary: "Revoke a key of a tenant",
  access: "admin",
  params: TenantParams.extend(KeyParams.shape),
  responses: revoked,
  errors: ["NOT_FOUND"],
});

export const listAdminKeys = defineOperation({
  id: "listAdminKeys",
  method: "GET",
  path: "/api/admin/keys",
  tag,
  summary: "List the administrators' keys",
  description: "Without ADMIN_KEY, which is a setting of the portal.",
  access: "admin",
  responses: listed,
  errors: [],
});

export const createAdminKey = defineOperation({
  id: "createAdminKey",
  method: "POST",
  path: "/api/admin/keys",
  tag,
  summary: "Make a key for an administrator",
  access: "admin",
  body: z.strictObject({ name, expires_at }),
  responses: created,
  errors: ["CONFLICT", "INVALID_INPUT"],
});

export const revokeAdminKey = defineOperation({
  id: "revokeAdminKey",
  method: "DELETE",
  path: "/api/admin/keys/{key_id}",
  tag,
  summary: "Revoke an administrator's key",
  access: "admin",
  params: KeyParams,
  responses: revoked,
  errors: ["NOT_FOUND"],
});
