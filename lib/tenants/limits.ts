import type { Env } from "@/lib/config/env";
import type { TenantLimits } from "@/lib/domain/tenant";

const MIB_PER_GIB = 1_024;

/** Limits as they stand on the wire; all optional in a request. */
export type LimitsInput = {
  readonly max_cpu?: number | undefined;
  readonly max_memory_gi?: number | undefined;
  readonly max_concurrent_jobs?: number | undefined;
  readonly max_queued_jobs?: number | undefined;
  readonly max_storage_gi?: number | undefined;
  readonly max_run_seconds?: number | undefined;
  readonly retention_days?: number | undefined;
};
export type LimitsView = Record<keyof LimitsInput, number>;

/** What a tenant gets when its administrator does not say. */
export function defaultLimits(env: Env): TenantLimits {
  return {
    maxCpu: env.TENANT_MAX_CPU,
    maxMemoryMib: env.TENANT_MAX_MEMORY_MIB,
    maxConcurrentJobs: env.TENANT_MAX_CONCURRENT_JOBS,
    maxQueuedJobs: env.TENANT_MAX_QUEUED_JOBS,
    maxStorageMib: env.TENANT_MAX_STORAGE_MIB,
    maxRunSeconds: env.TENANT_MAX_RUN_SECONDS,
    retentionDays: env.TENANT_RETENTION_DAYS,
  };
}

/** `present` with every limit replaced that `input` names. */
export function withLimits(present: TenantLimits, input: LimitsInput): TenantLimits {
  return {
    maxCpu: input.max_cpu ?? present.maxCpu,
    maxMemoryMib: toMib(input.max_memory_gi) ?? present.maxMemoryMib,
    maxConcurrentJobs: input.max_concurrent_jobs ?? present.maxConcurrentJobs,
    maxQueuedJobs: input.max_queued_jobs ?? present.maxQueuedJobs,
    maxStorageMib: toMib(input.max_storage_gi) ?? present.maxStorageMib,
    maxRunSeconds: input.max_run_seconds ?? present.maxRunSeconds,
    retentionDays: input.retention_days ?? present.retentionDays,
  };
}

export function toLimitsView(limits: TenantLimits): LimitsView {
  return {
    max_cpu: limits.maxCpu,
    max_memory_gi: toGib(limits.maxMemoryMib),
    max_concurrent_jobs: limits.maxConcurrentJobs,
    max_queued_jobs: limits.maxQueuedJobs,
    max_storage_gi: toGib(limits.maxStorageMib),
    max_run_seconds: limits.maxRunSeconds,
    retention_days: limits.retentionDays,
  };
}

/** Only the limits themselves, without the rest of a tenant's row. */
export function pickLimits(tenant: TenantLimits): TenantLimits {
  return withLimits(tenant, {});
}

function toMib(gib: number | undefined): number | undefined {
  return gib === undefined ? undefined : Math.round(gib * MIB_PER_GIB);
}

export function toGib(mib: number): number {
  return Math.round((mib / MIB_PER_GIB) * 1_000) / 1_000;
}
