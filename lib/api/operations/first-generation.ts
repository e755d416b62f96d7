import { z } from "zod";
import { defineOperation } from "@/lib/api/operation";
import { TenantIdText } from "@/lib/api/schemas";
import { LimitsInput, Tenant, TenantParams, TenantWithKey } from "./tenants";

// Paths of the first generation that have no like under /api: its administration of tenants.

/** Unknown fields pass, as they did in the first generation. */
const Registration = z.object({ tenant_id: TenantIdText, ...LimitsInput.shape });
const tag = "First generation";

export const registerTenant = defineOperation({
  id: "registerTenant",
  method: "POST",
  path: "/auth/register",
  tag,
  summary: "Create a tenant and its first key",
  access: "admin",
  body: Registration,
  responses: { 200: { description: "With the key, shown this once.", schema: TenantWithKey } },
  errors: ["CONFLICT", "INVALID_INPUT"],
});

export const regenerateKey = defineOperation({
  id: "regenerateKey",
  method: "POST",
  path: "/auth/regenerate-key",
  tag,
  summary: "A new key in place of all keys of a tenant",
  access: "admin",
  body: z.object({ tenant_id: z.string() }),
  responses: { 200: { description: "Older keys stop working at once.", schema: TenantWithKey } },
  errors: ["NOT_FOUND", "INVALID_INPUT"],
});

export const listTenantsFirstGeneration = defineOperation({
  id: "listTenantsFirstGeneration",
  method: "GET",
  path: "/auth/tenants",
  tag,
  summary: "List all tenants",
  access: "admin",
  responses: {
    200: { description: "Without keys.", schema: z.object({ tenants: z.array(Tenant) }) },
  },
  errors: [],
});

export const getTenantFirstGeneration = defineOperation({
  id: "getTenantFirstGeneration",
  method: "GET",
  path: "/auth/tenants/{tenant_id}",
  tag,
  summary: "One tenant",
  access: "admin",
  params: TenantParams,
  responses: { 200: { description: "The tenant.", schema: Tenant } },
  errors: ["NOT_FOUND"],
});

export const updateTenantFirstGeneration = defineOperation({
  id: "updateTenantFirstGeneration",
  method: "PATCH",
  path: "/auth/tenants/{tenant_id}",
  tag,
  summary: "Change a tenant's limits, given as query parameters",
  access: "admin",
  params: TenantParams,
  query: LimitsInput,
  responses: { 200: { description: "The tenant as it is now.", schema: Tenant } },
  errors: ["NOT_FOUND", "INVALID_INPUT"],
});
