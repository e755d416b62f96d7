import type { JobReason } from "@/lib/domain/job-reason";
import type { TenantLimits } from "@/lib/domain/tenant";

export type Waiting = {
  readonly id: string;
  readonly tenantId: string;
  readonly cpu: number;
  readonly memoryMib: number;
  readonly priority: number;
};

export type Usage = { readonly jobs: number; readonly cpu: number; readonly memoryMib: number };

export type Contender = Pick<TenantLimits, "maxCpu" | "maxMemoryMib" | "maxConcurrentJobs"> & {
  readonly id: string;
  readonly isSuspended: boolean;
  readonly lastAdmittedAt: Date | null;
  /** What its started jobs hold. */
  readonly usage: Usage;
};

export type Verdict = { readonly reason: JobReason; readonly message: string };
export type Admission = {
  /** In the order in which they get their turn. */
  readonly admitted: readonly string[];
  /** Why each of the others waits. Sentences that stay the same while nothing changes. */
  readonly waiting: ReadonlyMap<string, Verdict>;
};

type Line = {
  readonly tenant: Contender;
  readonly jobs: readonly Waiting[];
  next: number;
  usage: Usage;
  /** When it got its last turn in this pass, counted in turns; 0 before. */
  turn: number;
};

const NO_CAPACITY: Verdict = {
  reason: "NoCapacity",
  message: "All places on the machines are taken.",
};

/**
 * Who starts now. Inside a tenant strictly by priority, then submission: its first job waits for room
 * rather than let a smaller one pass. Between tenants the turn goes to the one with the fewest started jobs,
 * then to who waited longest. `slots` is how many more attempts the backend takes. Pure.
 */
export function admit(
  queue: readonly Waiting[],
  tenants: readonly Contender[],
  slots: number,
): Admission {
  const lines = toLines(queue, tenants);
  const admitted: string[] = [];
  while (admitted.length < slots) {
    const line = nextLine(lines);
    const job = line?.jobs[line.next];
    if (!line || !job) break;
    admitted.push(job.id);
    line.next += 1;
    line.usage = add(line.usage, job);
    line.turn = admitted.length;
  }
  return { admitted, waiting: explainAll(lines) };
}

function toLines(queue: readonly Waiting[], tenants: readonly Contender[]): Line[] {
  const byTenant = new Map<string, Waiting[]>();
  for (const job of queue) {
    const jobs = byTenant.get(job.tenantId);
    if (jobs) jobs.push(job);
    else byTenant.set(job.tenantId, [job]);
  }
  return tenants.flatMap((tenant) => {
    const jobs = byTenant
      .get(tenant.id)
      ?.sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
    return jobs ? [{ tenant, jobs, next: 0, usage: tenant.usage, turn: 0 }] : [];
  });
}

function nextLine(lines: readonly Line[]): Line | undefined {
  let best: Line | undefined;
  for (const line of lines) {
    if (!blocked(line) && (!best || isBefore(line, best))) best = line;
  }
  return best;
}

function isBefore(a: Line, b: Line): boolean {
  const waited = (line: Line) => line.tenant.lastAdmittedAt?.getTime() ?? 0;
  return (a.usage.jobs - b.usage.jobs || a.turn - b.turn || waited(a) - waited(b)) < 0;
}

/** Why the first job of a line cannot start whatever the machines have; undefined when it can, or none is left. */
function blocked({ tenant, jobs, next, usage }: Line): Verdict | "empty" | undefined {
  const job = jobs[next];
  if (!job) return "empty";
  if (tenant.isSuspended) return { reason: "TenantSuspended", message: "The tenant is suspended." };
  if (usage.jobs >= tenant.maxConcurrentJobs) {
    return {
      reason: "TenantConcurrency",
      message: `Your limit of ${tenant.maxConcurrentJobs} jobs at once is reached.`,
    };
  }
  if (usage.cpu + job.cpu > tenant.maxCpu) {
    return { reason: "TenantQuota", message: `Your limit of ${tenant.maxCpu} CPUs is reached.` };
  }
  if (usage.memoryMib + job.memoryMib > tenant.maxMemoryMib) {
    return {
      reason: "TenantQuota",
      message: `Your limit of ${tenant.maxMemoryMib} MiB of memory is reached.`,
    };
  }
  return undefined;
}

function explainAll(lines: readonly Line[]): Map<string, Verdict> {
  const waiting = new Map<string, Verdict>();
  for (const line of lines) {
    const why = blocked(line);
    if (why === "empty") continue;
    for (const job of line.jobs.slice(line.next)) waiting.set(job.id, why ?? NO_CAPACITY);
  }
  return waiting;
}

function add(usage: Usage, job: Waiting): Usage {
  return {
    jobs: usage.jobs + 1,
    cpu: usage.cpu + job.cpu,
    memoryMib: usage.memoryMib + job.memoryMib,
  };
}
