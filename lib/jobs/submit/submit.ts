import { randomInt } from "node:crypto";
import type { Database } from "@/lib/db/client";
import { PRIORITIES } from "@/lib/db/schema/jobs";
import type { Scenario, ScenarioConfig } from "@/lib/db/schema/scenarios";
import { AppError } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import { getJobView } from "@/lib/jobs/detail/store";
import { makeJobId } from "@/lib/jobs/id";
import { type JobView, toJobView } from "@/lib/jobs/view";
import { chooseConfig } from "@/lib/scenarios/choose-config";
import { removeFreed } from "@/lib/scenarios/free";
import { ingestArchive } from "@/lib/scenarios/ingest";
import { getScenario, releaseScenario } from "@/lib/scenarios/store";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { checkSumoOptions } from "@/lib/sumo/options";
import { findUnfittable } from "./limits";
import { findEarlier, getStanding, insertJob, type NewJob, type Standing } from "./store";
import { invalid, requestHash, type Submission } from "./submission";

const MAX_SEED = 2 ** 31 - 1;
const MIB_PER_GI = 1_024;
const BYTES_PER_MIB = 2 ** 20;
const QUEUE_RETRY_SECONDS = 30;
/** Violations of a unique key and of a foreign key: https://www.postgresql.org/docs/18/errcodes-appendix.html */
const OVERTAKEN = ["23505", "23503"];
const TRIES = 5;

export type ReceivedFile = {
  readonly path: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
};

type Deps = { readonly database: Database; readonly store: ArtifactStore };
type Request = {
  readonly submission: Submission;
  readonly file: ReceivedFile | undefined;
  readonly idempotencyKey: string | undefined;
};

/**
 * Queues a job for an archive that has arrived or for an uploaded scenario. With an idempotency key that
 * was used for the same wish, answers that job again. Throws INVALID_INPUT with all faults, FORBIDDEN for a
 * suspended tenant, QUEUE_FULL. A refused archive leaves nothing behind.
 */
export async function submitJob(
  deps: Deps,
  scope: TenantScope,
  request: Request,
): Promise<JobView> {
  const faults = checkSumoOptions(request.submission.sumo_options);
  if (faults.length > 0) throw invalid(faults);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const job = await submitOnce(deps, scope, request);
      if (job) return job;
    } catch (error) {
      if (!isOvertaken(error) || attempt === TRIES) throw error;
    }
  }
}

/** Undefined when limits that refused it allow it now. */
async function submitOnce(
  deps: Deps,
  scope: TenantScope,
  request: Request,
): Promise<JobView | undefined> {
  const scenario = await findSource(deps, scope, request);
  try {
    const config = chooseConfig(scenario, request.submission.config_file);
    return (
      (await findRepeated(deps, scope, request, scenario)) ??
      (await queue(deps, scope, request, scenario, config))
    );
  } catch (error) {
    if (request.file) await release(deps, scope, scenario);
    throw error;
  }
}

async function findSource(
  { database, store }: Deps,
  scope: TenantScope,
  { file, submission }: Request,
) {
  if (file) return ingestArchive({ database, store }, scope, file, { kept: false });
  return getScenario(database.db, scope, submission.scenario ?? "");
}

/** The job of an earlier submission with the same key. */
async function findRepeated(
  { database }: Deps,
  scope: TenantScope,
  { submission, idempotencyKey }: Request,
  scenario: Scenario,
): Promise<JobView | undefined> {
  const earlier = idempotencyKey
    ? await findEarlier(database, scope.tenantId, idempotencyKey)
    : undefined;
  if (!earlier) return undefined;
  if (earlier.requestHash === requestHash(submission, scenario.archiveSha256)) {
    return getJobView(database, scope, earlier.jobId, {});
  }
  throw invalid([
    { field: "Idempotency-Key", message: "was used before for another submission; use a new key" },
  ]);
}

async function queue(
  { database }: Deps,
  scope: TenantScope,
  { submission, idempotencyKey: key }: Request,
  scenario: Scenario,
  config: ScenarioConfig,
): Promise<JobView | undefined> {
  const job = toNewJob(scope, submission, scenario, config);
  const queued = await insertJob(database, job, {
    inputPaths: [config.path, ...config.inputs],
    idempotency: key
      ? { key, requestHash: requestHash(submission, scenario.archiveSha256) }
      : undefined,
  });
  if (queued) return toJobView({ ...job, ...queued }, { scenarioSha256: scenario.archiveSha256 });
  requireRoom(submission, await getStanding(database, scope.tenantId));
  return undefined;
}

function requireRoom(submission: Submission, standing: Standing): void {
  if (standing.isSuspended) {
    throw new AppError(
      "FORBIDDEN",
      "This tenant is suspended, so it cannot submit jobs. Ask your administrator.",
    );
  }
  const faults = findUnfittable(submission, standing);
  if (faults.length > 0) throw invalid(faults);
  if (standing.queuedJobs >= standing.maxQueuedJobs) {
    throw new AppError(
      "QUEUE_FULL",
      `Your queue is full: ${standing.queuedJobs} jobs wait and the limit is ${standing.maxQueuedJobs}. Submit again when some have started.`,
      { retryAfterSeconds: QUEUE_RETRY_SECONDS },
    );
  }
  if (standing.storedBytes >= standing.maxStorageMib * BYTES_PER_MIB) {
    throw new AppError(
      "TOO_LARGE",
      `Your storage is full: the limit is ${standing.maxStorageMib} MiB. Delete finished jobs or scenarios first.`,
    );
  }
}

function toNewJob(
  scope: TenantScope,
  submission: Submission,
  scenario: Scenario,
  config: ScenarioConfig,
): NewJob {
  return {
    ...makeJobId(),
    tenantId: scope.tenantId,
    scenarioId: scenario.id,
    name: submission.scenario_id,
    submittedBy: scope.actor,
    configFile: config.path,
    cpu: submission.cpu_request,
    memoryMib: submission.memory_gi * MIB_PER_GI,
    timeLimitSeconds: submission.time_limit_seconds ?? null,
    priority: PRIORITIES[submission.priority],
    seed: submission.seed ?? randomInt(MAX_SEED + 1),
    beginSeconds: submission.begin ?? null,
    endSeconds: submission.end ?? null,
    stepLengthSeconds: submission.step_length ?? null,
    scale: submission.scale ?? null,
    sumoOptions: submission.sumo_options,
    labels: submission.labels,
    state: "QUEUED",
    reason: null,
    message: null,
    attempt: 0,
    cancelRequestedAt: null,
    startedAt: null,
    finishedAt: null,
    progress: null,
    kpis: null,
    logLines: 0,
    storedBytes: 0,
  };
}

/** Bytes go after the rows: a crash in between leaves bytes that housekeeping finds, never rows without bytes. */
async function release(
  { database, store }: Deps,
  scope: TenantScope,
  scenario: Scenario,
): Promise<void> {
  const keys = await database.db.transaction((tx) =>
    releaseScenario(tx, scope.tenantId, scenario.id),
  );
  await removeFreed({ database, store }, scope.tenantId, keys);
}

/** Another took the key, or the scenario went with its last job, after we had looked: look again. */
function isOvertaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && OVERTAKEN.includes(String(error.code));
}
