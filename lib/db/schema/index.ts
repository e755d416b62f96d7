import { activity } from "./activity";
import { apiKeys } from "./api-keys";
import { attempts, idempotencyKeys, jobLabels, jobs, progressPoints, resultFiles } from "./jobs";
import { leases } from "./leases";
import { logChunks } from "./logs";
import { blobs, scenarioFiles, scenarios, uploads } from "./scenarios";
import { tenants } from "./tenants";

export const schema = {
  activity,
  apiKeys,
  attempts,
  blobs,
  idempotencyKeys,
  jobLabels,
  jobs,
  leases,
  logChunks,
  progressPoints,
  resultFiles,
  scenarioFiles,
  scenarios,
  tenants,
  uploads,
};
export {
  activity,
  apiKeys,
  attempts,
  blobs,
  idempotencyKeys,
  jobLabels,
  jobs,
  leases,
  logChunks,
  progressPoints,
  resultFiles,
  scenarioFiles,
  scenarios,
  tenants,
  uploads,
};
