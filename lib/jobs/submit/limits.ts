import type { Fault } from "@/lib/domain/errors";
import type { TenantLimits } from "@/lib/domain/tenant";

const MIB_PER_GI = 1_024;

type Wish = {
  readonly cpu_request: number;
  readonly memory_gi: number;
  readonly time_limit_seconds?: number | undefined;
};

/** What can never fit, however long it waits: each with the number. */
export function findUnfittable(
  wish: Wish,
  limits: Pick<TenantLimits, "maxCpu" | "maxMemoryMib" | "maxRunSeconds">,
): Fault[] {
  const checks: readonly [string, number | undefined, number, string][] = [
    ["cpu_request", wish.cpu_request, limits.maxCpu, "CPUs"],
    ["memory_gi", wish.memory_gi, limits.maxMemoryMib / MIB_PER_GI, "GiB of memory"],
    ["time_limit_seconds", wish.time_limit_seconds, limits.maxRunSeconds, "seconds of run time"],
  ];
  return checks.flatMap(([field, asked, limit, unit]) =>
    asked !== undefined && asked > limit
      ? [
          {
            field,
            message: `asks for ${asked} ${unit}, but your limit is ${limit}, so the job could never start`,
          },
        ]
      : [],
  );
}
