import type { V1ContainerStatus, V1Job, V1Pod } from "@kubernetes/client-node";
import type { Observation } from "@/lib/domain/attempt";
import type { JobReason } from "@/lib/domain/job-reason";
import type { Wire } from "./wire";

type Job = Wire<V1Job>;
type Pod = Wire<V1Pod>;
type ContainerStatus = Wire<V1ContainerStatus>;

/** Everything the cluster says of one attempt. `notes` are event messages of its Job and pod, newest first. */
export type Seen = {
  readonly job: Job;
  /** Its newest pod, also when that is gone already. */
  readonly pod: Pod | undefined;
  readonly notes: readonly Note[];
  /** Whether the node of this name is ready; undefined when it is not known. */
  readonly isNodeReady: (node: string) => boolean | undefined;
};
export type Note = { readonly reason: string; readonly message: string; readonly at: string };

const IMAGE_FAULTS = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"];
const CONTAINER_FAULTS = ["CreateContainerConfigError", "CreateContainerError", "RunContainerError"];

/** One total function from what the cluster says to our words; the table is in observation.test.ts. */
export function observeAttempt(seen: Seen): Observation {
  const { pod } = seen;
  const failure = failureOf(seen, pod);
  if (failure) return { phase: "ended", at: endOf(seen.job, pod), failure };
  if (isTrue(seen.job.status?.conditions, "Complete")) return { phase: "ended", at: endOf(seen.job, pod) };
  if (!pod) return withoutPod(seen);
  if (isTrue(pod.status?.conditions, "PodScheduled") === false) return unscheduled(pod, seen.notes);
  return scheduled(pod, seen);
}

type Failure = { readonly reason: JobReason; readonly message: string };

function failureOf({ job, notes }: Seen, pod: Pod | undefined): Failure | undefined {
  const fromPod = pod && podFailure(pod);
  if (fromPod) return fromPod;
  const failed = conditionOf(job.status?.conditions, "Failed");
  if (!failed) return undefined;
  const message = failed.message ?? "";
  if (failed.reason === "DeadlineExceeded") {
    return { reason: "Unschedulable", message: `The job could not be placed and run within its total time limit. ${notes[0]?.message ?? ""}`.trim() };
  }
  if (message.includes("DisruptionTarget")) return { reason: "NodeLost", message: "The pod was taken away by the cluster." };
  if (!pod) return { reason: "NodeLost", message: "The pod is gone from the cluster." };
  // The exit status is the runner's to judge; here only that the pod ended without success.
  return { reason: "RunnerLost", message: message || "The pod ended without a result." };
}

/** Order matters: a drained or preempted pod also shows exit 137, and only the condition tells it from a kill. */
function podFailure(pod: Pod): Failure | undefined {
  const disruption = conditionOf(pod.status?.conditions, "DisruptionTarget");
  const sumo = statusOf(pod, "sumo");
  if (pod.status?.reason === "Evicted") return evicted(pod.status.message ?? "");
  if (sumo?.state?.terminated?.reason === "OOMKilled") {
    return { reason: "OutOfMemory", message: `SUMO needed more than the job's memory limit of ${memoryOf(pod)}.` };
  }
  if (pod.status?.reason === "DeadlineExceeded") {
    return { reason: "TimeLimit", message: "The pod ran longer than the job's time limit." };
  }
  if (disruption) {
    return { reason: "NodeLost", message: disruption.message ?? "The pod was taken away by the cluster." };
  }
  if (pod.metadata?.deletionTimestamp) return { reason: "NodeLost", message: "The pod was deleted in the cluster." };
  if (statusOf(pod, "fetch")?.state?.terminated?.exitCode) {
    return { reason: "RunnerLost", message: "The inputs could not be brought into the pod." };
  }
  return undefined;
}

/** The kubelet's own texts: "exceeds the total limit", "exceeded its local ephemeral storage limit"; or pressure on the node. */
function evicted(message: string): Failure {
  const ownFault = /exceed(s|ed)\b.*\blimit/i.test(message);
  return ownFault ? { reason: "DiskFull", message } : { reason: "NodeLost", message };
}

function withoutPod({ notes }: Seen): Observation {
  const refused = notes.find(({ reason }) => reason === "FailedCreate");
  if (!refused) return { phase: "waiting", reason: "Starting" };
  const quota = /exceeded quota/.test(refused.message);
  return { phase: "waiting", reason: quota ? "TenantQuota" : "Unschedulable", message: refused.message };
}

function unscheduled(pod: Pod, notes: readonly Note[]): Observation {
  const missing = conditionOf(pod.status?.conditions, "PodScheduled", "False")?.message ?? "";
  const latest = notes.find(({ reason }) => reason in SCALING);
  const reason = latest ? SCALING[latest.reason] : undefined;
  return { phase: "waiting", reason: reason ?? "Unschedulable", message: latest && reason !== "Unschedulable" ? latest.message : missing };
}

/** Events of Karpenter and of the Cluster Autoscaler on a pod that waits for a node. */
const SCALING: Record<string, JobReason> = {
  Nominated: "ProvisioningNode",
  TriggeredScaleUp: "ProvisioningNode",
  NotTriggerScaleUp: "NoCapacity",
  NoCompatibleInstanceTypes: "NoCapacity",
};

function scheduled(pod: Pod, { isNodeReady }: Seen): Observation {
  const fault = waitingFault(pod);
  if (fault) return fault;
  const node = pod.spec?.nodeName;
  if (node && isNodeReady(node) === false) {
    return { phase: "active", warning: { reason: "NodeLost", message: `The node ${node} does not answer.` } };
  }
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const started = all.some(({ state }) => state?.running ?? state?.terminated);
  return started ? { phase: "active" } : { phase: "waiting", reason: "Starting" };
}

function waitingFault(pod: Pod): Observation | undefined {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const { state } of all) {
    const waiting = state?.waiting;
    const message = waiting?.message ?? waiting?.reason ?? "";
    if (IMAGE_FAULTS.includes(waiting?.reason ?? "")) return { phase: "waiting", reason: "ImagePull", message };
    if (CONTAINER_FAULTS.includes(waiting?.reason ?? "")) return { phase: "waiting", reason: "ImagePull", message };
  }
  return undefined;
}

function endOf(job: Job, pod: Pod | undefined): Date {
  const sumo = pod && statusOf(pod, "sumo")?.state?.terminated?.finishedAt;
  const condition = conditionOf(job.status?.conditions, "Failed") ?? conditionOf(job.status?.conditions, "Complete");
  const at = sumo ?? condition?.lastTransitionTime ?? pod?.metadata?.deletionTimestamp ?? job.metadata?.creationTimestamp;
  return new Date(at ?? 0);
}

function statusOf(pod: Pod, container: string): ContainerStatus | undefined {
  const all = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  return all.find(({ name }) => name === container);
}

function memoryOf(pod: Pod): string {
  return pod.spec?.containers.find(({ name }) => name === "sumo")?.resources?.limits?.memory ?? "?";
}

type Condition = { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string };

function conditionOf(conditions: readonly Condition[] | undefined, type: string, status = "True"): Condition | undefined {
  return conditions?.find((condition) => condition.type === type && condition.status === status);
}

/** undefined when there is no such condition yet. */
function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean | undefined {
  const found = conditions?.find((condition) => condition.type === type);
  return found && found.status === "True";
}
