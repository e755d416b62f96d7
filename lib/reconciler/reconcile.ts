import type { AttemptName, Observation } from "@/lib/domain/attempt";
import { attemptName, parseAttemptName } from "@/lib/domain/attempt";
import { JOB_STATES } from "@/lib/domain/job-state";
import type { Fence } from "@/lib/jobs/store";
import { admit, type Contender, type Usage, type Verdict } from "./admit";
import { applyStep, type ReconcilerDeps, removeLeftover, startAttempt } from "./apply";
import { decide, type Known, type Seen } from "./decide";
import { beginAttempt, writeWaiting } from "./store";
import { createTasks, type Tasks } from "./tasks";
import { within } from "./within";
import { type QueuedJob, readWorld, type StartedJob, type World } from "./world/store";

const OBSERVE_TIMEOUT_MS = 15_000;
/** A pass waits so long for what it began; slower work goes on beside the next passes. */
const PASS_PATIENCE_MS = 1_000;
const PARALLEL = 8;
const NO_USAGE: Usage = { jobs: 0, cpu: 0, memoryMib: 0 };

export type Pass = {
  /** Some job is to be looked at again soon, though nothing may happen until then. */
  readonly isUrgent: boolean;
};

type Seens = ReadonlyMap<AttemptName, Observation> | undefined;

export type Reconciler = {
  /** Compares what is wanted with what is, once, and moves each job one step. */
  pass(): Promise<Pass>;
  /** Resolves when all that was begun has ended. */
  idle(): Promise<void>;
};

/** `listeningSince` is since when this portal could hear runners. */
export function createReconciler(
  deps: ReconcilerDeps,
  fence: Fence,
  lost: AbortSignal,
  listeningSince: Date,
): Reconciler {
  const failedStarts = new Map<string, { count: number; lastAt: Date }>();
  const tasks = createTasks(PARALLEL, (key, error) => {
    deps.log.warn({ err: error, task: key }, "a step of the reconciler failed; it is tried again");
  });

  const start = (job: Parameters<typeof startAttempt>[2]) =>
    tasks.start(job.jobId, async () => {
      const name = attemptName(job.jobId, job.attempt);
      try {
        if (!lost.aborted) await startAttempt(deps, fence, job);
        failedStarts.delete(name);
      } catch (error) {
        failedStarts.set(name, {
          count: (failedStarts.get(name)?.count ?? 0) + 1,
          lastAt: new Date(),
        });
        throw error;
      }
    });

  const stepStarted = (job: StartedJob, seen: Seens, now: Date): boolean => {
    const name = attemptName(job.jobId, job.attempt);
    const known: Known = {
      ...job,
      attemptNumber: job.attempt,
      failedStarts: failedStarts.get(name),
    };
    const observed: Seen = seen ? seen.get(name) : "unknown";
    const step = decide(known, observed, now, listeningSince);
    if (step.do === "start") start(job);
    else if (step.do !== "nothing") tasks.start(job.jobId, () => applyStep(deps, fence, job, step));
    if (step.do === "replace" || step.do === "fail") failedStarts.delete(name);
    return job.cancelRequestedAt !== null || !observed;
  };

  return {
    idle: () => tasks.idle(),
    pass: async () => {
      const seen = await observe(deps);
      const world = await readWorld(deps.database);
      const now = new Date();
      const urgent = world.started.filter((job) => stepStarted(job, seen, now));
      if (seen && !lost.aborted) {
        for (const job of await admitQueued(deps, fence, world, seen, now)) start(job);
        removeUnwanted(deps, fence, tasks, world, seen);
      }
      countOpen(deps, world);
      await Promise.race([tasks.idle(), pause(PASS_PATIENCE_MS)]);
      return { isUrgent: urgent.length > 0 };
    },
  };
}

async function observe({ backend, log }: ReconcilerDeps): Promise<Seens> {
  try {
    return await within(OBSERVE_TIMEOUT_MS, "looking at the backend", backend.observe());
  } catch (error) {
    log.warn({ err: error }, "the backend cannot be seen now; nothing is started");
    return undefined;
  }
}

/** Gives turns, makes their attempts and writes why the others wait. Returns what is to be started. */
async function admitQueued(
  deps: ReconcilerDeps,
  fence: Fence,
  world: World,
  seen: NonNullable<Seens>,
  now: Date,
): Promise<Parameters<typeof startAttempt>[2][]> {
  if (world.queued.length === 0) return [];
  const { db } = deps.database;
  const verdict = admit(world.queued, toContenders(world), slotsOf(deps, world, seen));
  const byId = new Map(world.queued.map((job) => [job.id, job]));
  const namespaces = new Map(world.tenants.map(({ id, namespace }) => [id, namespace]));
  const placed = await inParts(
    verdict.admitted,
    async (id) => {
      const job = byId.get(id);
      const attempt = job && (await beginAttempt(db, fence, id, now));
      if (!job || attempt === undefined) return [];
      return [
        { ...job, jobId: id, attempt, namespace: namespaces.get(job.tenantId) ?? job.tenantId },
      ];
    },
    deps,
  );
  await writeWaiting(db, fence, changedOf(verdict.waiting, byId));
  return placed;
}

function toContenders({ tenants, started }: World): Contender[] {
  const usages = new Map<string, Usage>();
  for (const { tenantId, cpu, memoryMib } of started) {
    const usage = usages.get(tenantId) ?? NO_USAGE;
    usages.set(tenantId, {
      jobs: usage.jobs + 1,
      cpu: usage.cpu + cpu,
      memoryMib: usage.memoryMib + memoryMib,
    });
  }
  return tenants.map((tenant) => ({ ...tenant, usage: usages.get(tenant.id) ?? NO_USAGE }));
}

/** Each started job has a place, and so has each other attempt that still runs. */
function slotsOf(
  { backend }: ReconcilerDeps,
  { started }: World,
  seen: NonNullable<Seens>,
): number {
  const wanted = new Set<string>(started.map(({ jobId, attempt }) => attemptName(jobId, attempt)));
  const others = [...seen].filter(([name, { phase }]) => phase !== "ended" && !wanted.has(name));
  return Math.max(0, backend.capacity - started.length - others.length);
}

function changedOf(
  waiting: ReadonlyMap<string, Verdict>,
  byId: ReadonlyMap<string, QueuedJob>,
): Map<string, Verdict> {
  return new Map(
    [...waiting].filter(([id, { reason, message }]) => {
      const job = byId.get(id);
      return job?.reason !== reason || job.message !== message;
    }),
  );
}

/** Attempts of ended jobs, older attempts, and those whose job was deleted. */
function removeUnwanted(
  deps: ReconcilerDeps,
  fence: Fence,
  tasks: Tasks,
  world: World,
  seen: NonNullable<Seens>,
): void {
  const known = new Set<string>(
    world.started.map(({ jobId, attempt }) => attemptName(jobId, attempt)),
  );
  for (const leftover of world.leftovers) {
    const name = attemptName(leftover.jobId, leftover.attempt);
    known.add(name);
    tasks.start(name, () => removeLeftover(deps, fence, leftover));
  }
  for (const name of seen.keys()) {
    const parsed = known.has(name) ? undefined : parseAttemptName(name);
    if (!parsed) continue;
    const orphan = { jobId: parsed.jobId, attempt: parsed.number, namespace: "" };
    tasks.start(name, () => removeLeftover(deps, fence, orphan));
  }
}

function countOpen({ metrics }: ReconcilerDeps, { started, queued }: World): void {
  for (const state of JOB_STATES.slice(0, 3)) {
    metrics.jobsOpen(
      state,
      state === "QUEUED" ? queued.length : started.filter((job) => job.state === state).length,
    );
  }
}

/** `work` on all items, some at a time, in order; an item that fails is told and left out. */
async function inParts<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R[]>,
  { log }: ReconcilerDeps,
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += PARALLEL) {
    const part = await Promise.allSettled(items.slice(at, at + PARALLEL).map(work));
    for (const one of part) {
      if (one.status === "fulfilled") results.push(...one.value);
      else
        log.warn(
          { err: one.reason as unknown },
          "a job could not be given its turn; it is tried again",
        );
    }
  }
  return results;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
