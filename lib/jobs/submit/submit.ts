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
import { insertJob, lockStanding, type NewJob, type Standing } from "./store";
import { invalid, requestHash, type Submission } from "./submission";

const MAX_SEED = 2 ** 31 - 1;
const MIB_PER_GI = 1_024;
const BYTES_PER_MIB = 2 ** 20;
const QUEUE_RETRY_SECONDS = 30;
const FOREIGN_KEY_VIOLATION = "23503";

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
export async function submitJob(deps: Deps, scope: TenantScope, request: Request): Promise<JobView> {
  const faults = checkSumoOptions(request.submission.sumo_options);
  if (faults.length > 0) throw invalid(faults);
  try {
    return await submitOnce(deps, scope, request);
  } catch (error) {
    // The scenario went with its last job after we had found it: taken in again, it is there.
    if (!isGone(error)) throw error;
    return submitOnce(deps, scope, request);
  }
}

async function submitOnce(deps: Deps, scope: TenantScope, request: Request): Promise<JobView> {
  const scenario = await findSource(deps, scope, request);
  try {
    const config = chooseConfig(scenario, request.submission.config_file);
    return await admit(deps, scope, request, scenario, config);
  } catch (error) {
    if (request.file) await release(deps, scope, scenario);
    throw error;
  }
}

async function findSource({ database, store }: Deps, scope: TenantScope, { file, submission }: Request) {
  if (file) return ingestArchive({ database, store }, scope, file, { kept: false });
  return getScenario(database.db, scope, submission.scenario ?? "");
}

async function admit(
  { database }: Deps,
  scope: TenantScope,
  { submission, idempotencyKey }: Request,
  scenario: Scenario,
  config: ScenarioConfig,
): Promise<JobView> {
  const hash = requestHash(submission, scenario.archiveSha256);
  const outcome = await database.sql.begin(async (tx) => {
    const priority = PRIORITIES[submission.priority];
    const standing = await lockStanding(tx, scope.tenantId, priority, idempotencyKey);
    if (standing.earlier) return { earlier: standing.earlier };
    requireRoom(submission, standing);
    const job = toNewJob(scope, submission, scenario, config, standing.maxRunSeconds);
    const inputs = await insertJob(tx, job, {
      inputPaths: [config.path, ...config.inputs],
      idempotency: idempotencyKey ? { key: idempotencyKey, requestHash: hash } : undefined,
    });
    return { job: { ...job, inputs }, queuePosition: standing.ahead + 1 };
  });
  if (outcome.job) {
    const { job, queuePosition } = outcome;
    return toJobView(job, { queuePosition, scenarioSha256: scenario.archiveSha256 });
  }
  if (outcome.earlier.requestHash !== hash) {
    throw invalid([{ field: "Idempotency-Key", message: "was used before for another submission; use a new key" }]);
  }
  return getJobView(database, scope, outcome.earlier.jobId, {});
}

function requireRoom(submission: Submission, standing: Standing): void {
  if (standing.isSuspended) {
    throw new AppError("FORBIDDEN", "This tenant is suspended, so it cannot submit jobs. Ask your administrator.");
  }
  const faults = findUnfittable(submission, standing);
  if (faults.length > 0) throw invalid(faults);
  if (standing.queued >= standing.maxQueuedJobs) {
    throw new AppError(
      "QUEUE_FULL",
      `Your queue is full: ${standing.queued} jobs wait and the limit is ${standing.maxQueuedJobs}. Submit again when some have started.`,
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
  maxRunSeconds: number,
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
    timeLimitSeconds: submission.time_limit_seconds ?? maxRunSeconds,
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
async function release({ database, store }: Deps, scope: TenantScope, scenario: Scenario): Promise<void> {
  const keys = await database.db.transaction((tx) => releaseScenario(tx, scope.tenantId, scenario.id));
  await removeFreed({ database, store }, scope.tenantId, keys);
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === FOREIGN_KEY_VIOLATION;
}
