import { z } from "zod";
import { defineOperation } from "@/lib/api/operation";
import { Instant, Limit, TenantIdText } from "@/lib/api/schemas";
import { JOB_STATES } from "@/lib/domain/job-state";

const cpu = z.coerce.number().int().min(1).max(10_000);
const count = z.coerce.number().int().min(1).max(1_000_000);
const gib = z.coerce
  .number()
  .min(1 / 1_024)
  .max(1_000_000);

/** Coerced, since the first generation sends them as query parameters. */
export const LimitsInput = z.object({
  max_cpu: cpu.optional().describe("CPU cores of all running jobs together."),
  max_memory_gi: gib.optional().describe("GiB of memory of all running jobs together."),
  max_concurrent_jobs: count.optional(),
  max_queued_jobs: count.optional(),
  max_storage_gi: gib.optional().describe("GiB of inputs, results and logs."),
  max_run_seconds: count.optional().describe("Longest run of one job."),
  retention_days: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .optional()
    .describe("Finished jobs are removed after it."),
});

const Limits = {
  max_cpu: z.int(),
  max_memory_gi: z.number(),
  max_concurrent_jobs: z.int(),
  max_queued_jobs: z.int(),
  max_storage_gi: z.number(),
  max_run_seconds: z.int(),
  retention_days: z.int(),
};

export const Tenant = z
  .object({
    tenant_id: z.string(),
    namespace: z.string(),
    ...Limits,
    status: z.enum(["active", "suspended"]),
    suspended_at: Instant.nullable(),
    created_at: Instant,
  })
  .meta({ id: "Tenant" });

const TenantWithUsage = Tenant.extend({
  usage: z.object({
    cpu: z.int(),
    memory_gi: z.number(),
    active_jobs: z.int().describe("Pending and running."),
    queued_jobs: z.int(),
    stored_gi: z.number(),
  }),
}).meta({ id: "TenantWithUsage" });

export const TenantWithKey = Tenant.extend({
  api_key: z.string().describe("Shown this once; only its hash is kept."),
  key_id: z.string(),
  curl: z.string().describe("A line to try the key with."),
}).meta({ id: "TenantWithKey" });

export const TenantParams = z.object({ tenant_id: z.string() });
const NewTenant = z.strictObject({ tenant_id: TenantIdText, ...LimitsInput.shape });
const tag = "Tenants";

export const listTenants = defineOperation({
  id: "listTenants",
  method: "GET",
  path: "/api/admin/tenants",
  tag,
  summary: "List tenants with what they use now",
  access: "admin",
  query: z.object({ cursor: z.string().optional(), limit: Limit }),
  responses: {
    200: {
      description: "In the order of their ids.",
      schema: z.object({ tenants: z.array(TenantWithUsage), next_cursor: z.string().nullable() }),
    },
  },
  errors: ["INVALID_INPUT"],
});

export const createTenant = defineOperation({
  id: "createTenant",
  method: "POST",
  path: "/api/admin/tenants",
  tag,
  summary: "Create a tenant and its first key",
  access: "admin",
  body: NewTenant,
  responses: { 201: { description: "With the key, shown this once.", schema: TenantWithKey } },
  errors: ["CONFLICT", "INVALID_INPUT"],
});

export const getTenant = defineOperation({
  id: "getTenant",
  method: "GET",
  path: "/api/admin/tenants/{tenant_id}",
  tag,
  summary: "One tenant with what it uses now",
  access: "admin",
  params: TenantParams,
  responses: { 200: { description: "The tenant.", schema: TenantWithUsage } },
  errors: ["NOT_FOUND"],
});

export const updateTenant = defineOperation({
  id: "updateTenant",
  method: "PATCH",
  path: "/api/admin/tenants/{tenant_id}",
  tag,
  summary: "Change a tenant's limits",
  description: "Limits that are not named stay. Jobs that run go on.",
  access: "admin",
  params: TenantParams,
  body: z.strictObject(LimitsInput.shape),
  responses: { 200: { description: "The tenant as it is now.", schema: Tenant } },
  errors: ["NOT_FOUND", "INVALID_INPUT"],
});

export const deleteTenant = defineOperation({
  id: "deleteTenant",
  method: "DELETE",
  path: "/api/admin/tenants/{tenant_id}",
  tag,
  summary: "Remove a tenant with all its data",
  description:
    "Only when none of its jobs waits or runs. Cannot be undone; the record of activity stays.",
  access: "admin",
  params: TenantParams,
  responses: { 204: { description: "Removed." } },
  errors: ["NOT_FOUND", "CONFLICT"],
});

export const suspendTenant = defineOperation({
  id: "suspendTenant",
  method: "POST",
  path: "/api/admin/tenants/{tenant_id}/suspend",
  tag,
  summary: "Suspend a tenant",
  description:
    "Nothing of it starts any more; what runs goes on and can be read. Repeating is harmless.",
  access: "admin",
  params: TenantParams,
  responses: { 200: { description: "The tenant as it is now.", schema: Tenant } },
  errors: ["NOT_FOUND"],
});

export const resumeTenant = defineOperation({
  id: "resumeTenant",
  method: "POST",
  path: "/api/admin/tenants/{tenant_id}/resume",
  tag,
  summary: "End a tenant's suspension",
  access: "admin",
  params: TenantParams,
  responses: { 200: { description: "The tenant as it is now.", schema: Tenant } },
  errors: ["NOT_FOUND"],
});

const counted = Object.fromEntries(
  JOB_STATES.map((state) => [state.toLowerCase(), z.int()]),
) as Record<Lowercase<(typeof JOB_STATES)[number]>, z.ZodInt>;

export const getDashboard = defineOperation({
  id: "getDashboard",
  method: "GET",
  path: "/api/tenants/me/dashboard",
  alias: "/tenants/me/dashboard",
  tag,
  summary: "The own tenant at a glance",
  access: "tenant",
  scope: "jobs:read",
  responses: {
    200: {
      description: "Limits, present use, the newest 20 jobs, and counts over all jobs.",
      schema: z.object({
        tenant_id: z.string(),
        status: z.enum(["active", "suspended"]),
        plan_limits: z.object(Limits),
        current_usage: z
          .record(z.string(), z.string())
          .describe(
            "As Kubernetes counts quota: `requests.cpu`, `requests.memory`, `pods`, `requests.storage`.",
          ),
        running_pods: z.int().describe("Simulations that run now."),
        recent_jobs: z.array(
          z.object({
            job_id: z.uuid(),
            scenario_id: z.string(),
            status: z.enum(JOB_STATES),
            submitted_at: Instant,
            started_at: Instant.nullable(),
            finished_at: Instant.nullable(),
          }),
        ),
        stats: z.object(counted),
      }),
    },
  },
  errors: [],
});
