/** Why a job is where it is: a closed list, so that scripts can branch on it. The sentence beside it is for people. */
export const JOB_REASONS = [
  // waiting
  "TenantConcurrency",
  "TenantQuota",
  "TenantSuspended",
  "NoCapacity",
  "Unschedulable",
  "ProvisioningNode",
  "ImagePull",
  "Starting",
  "DownloadingInputs",
  "CheckingInputs",
  "NodeLost",
  "RunnerLost",
  // running
  "Simulating",
  "UploadingResults",
  "Cancelling",
  // succeeded
  "Completed",
  "StoppedEarly",
  // failed
  "InputInvalid",
  "SumoError",
  "SumoCrashed",
  "OutOfMemory",
  "TimeLimit",
  "DiskFull",
  "ResultUploadFailed",
  "TooManyDisruptions",
  "Internal",
  // cancelled
  "CancelledByUser",
  "CancelledByAdmin",
] as const;
export type JobReason = (typeof JOB_REASONS)[number];
