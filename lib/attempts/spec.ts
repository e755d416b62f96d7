import type { Job } from "@/lib/db/schema/jobs";
import type { ScenarioFile } from "@/lib/db/schema/scenarios";
import { attemptName } from "@/lib/domain/attempt";
import type { RunnerSpec } from "@/lib/domain/runner-protocol";
import { listScenarioFiles } from "@/lib/scenarios/store";
import { answer, type Call } from "./call";

/** GET /v1/spec */
export async function sendSpec({ portal, running: { job }, response }: Call): Promise<void> {
  const files = await listScenarioFiles(portal.database.db, job.tenantId, job.scenarioId);
  answer(response, 200, toRunnerSpec(job, files, portal.env.JOB_DISK_MIB));
}

export function toRunnerSpec(
  job: Job,
  files: readonly Pick<ScenarioFile, "path" | "sha256" | "sizeBytes">[],
  diskMib: number,
): RunnerSpec {
  return {
    attempt: attemptName(job.id, job.attempt),
    config_file: job.configFile,
    inputs: files.map(({ path, sha256, sizeBytes }) => ({ path, sha256, size_bytes: sizeBytes })),
    run: {
      seed: job.seed,
      begin_seconds: job.beginSeconds,
      end_seconds: job.endSeconds,
      step_length_seconds: job.stepLengthSeconds,
      scale: job.scale,
      sumo_options: job.sumoOptions,
    },
    limits: {
      memory_mib: job.memoryMib,
      disk_mib: diskMib,
      time_limit_seconds: job.timeLimitSeconds,
    },
  };
}
