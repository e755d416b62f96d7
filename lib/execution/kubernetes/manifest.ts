import { createHash } from "node:crypto";
import type { V1Container, V1Job, V1PodSpec, V1Secret, V1Toleration } from "@kubernetes/client-node";
import type { AttemptSpec } from "@/lib/domain/attempt";
import { ANNOTATION, attemptLabels } from "./labels";
import { OVERHEAD, SERVICE_ACCOUNT } from "./tenant-objects";
import type { Wire } from "./wire";

/** What an operator sets for all simulations. */
export type PodSettings = {
  readonly image: string;
  /** How pods reach the portal's runner port. */
  readonly runnerUrl: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Wire<V1Toleration>[];
  readonly priorityClassName: string | undefined;
};

/** Role of each container: its own user, so that SUMO can read neither the token nor another's files in /proc. */
const USER = { fetch: 10_001, agent: 10_002, sumo: 10_003 } as const;
const GROUP = 10_000;
const ATTEMPT_DIR = "/attempt";
const TOKEN_DIR = "/run/sumo-k8";
/** Time to end SUMO (ten seconds) and to bring its results home. */
const GRACE_SECONDS = 600;
/** A job may wait a week for a node; the run itself is limited on the pod. */
const WAIT_ALLOWANCE_SECONDS = 7 * 86_400;
const TTL_SECONDS = 7 * 86_400;
/** Node's own needs in SUMO's container: the wrapper. */
const WRAPPER_MEMORY_MIB = 64;

/** Pure: no client, no clock, no environment, so the whole mapping is testable as data. */
export function jobManifest(spec: AttemptSpec, settings: PodSettings): Wire<V1Job> {
  const job: Wire<V1Job> = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: spec.name, namespace: spec.namespace, labels: attemptLabels(spec) },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      podReplacementPolicy: "Failed",
      // One pod a Job: a pod that the cluster took away becomes a new attempt, with a token and log of its own.
      podFailurePolicy: {
        rules: [
          { action: "FailJob", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
          { action: "FailJob", onExitCodes: { containerName: "sumo", operator: "NotIn", values: [0] } },
        ],
      },
      // Counted from the Job's making, waiting included; the limit of the run is the pod's.
      activeDeadlineSeconds: WAIT_ALLOWANCE_SECONDS + spec.timeLimitSeconds + GRACE_SECONDS,
      ttlSecondsAfterFinished: TTL_SECONDS,
      template: {
        metadata: {
          labels: attemptLabels(spec),
          annotations: {
            "karpenter.sh/do-not-disrupt": "true",
            "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
          },
        },
        spec: podSpec(spec, settings),
      },
    },
  };
  const annotations = { [ANNOTATION.specHash]: specHash(job) };
  return { ...job, metadata: { ...job.metadata, annotations } };
}

/** The token, mounted in the containers that speak to the portal and nowhere else. */
export function tokenSecret(spec: AttemptSpec, owner: { uid: string }): Wire<V1Secret> {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: spec.name,
      namespace: spec.namespace,
      labels: attemptLabels(spec),
      // Goes with its Job.
      ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: spec.name, uid: owner.uid }],
    },
    immutable: true,
    stringData: { token: spec.token },
  };
}

function podSpec(spec: AttemptSpec, settings: PodSettings): Wire<V1PodSpec> {
  const diskMib = spec.diskMib;
  return {
    restartPolicy: "Never",
    serviceAccountName: SERVICE_ACCOUNT,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // Fetching and collecting come on top of SUMO's own limit, which the runner keeps.
    activeDeadlineSeconds: spec.timeLimitSeconds + 2 * GRACE_SECONDS,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: {
      runAsNonRoot: true,
      runAsGroup: GROUP,
      fsGroup: GROUP,
      seccompProfile: { type: "RuntimeDefault" },
    },
    nodeSelector: { ...settings.nodeSelector },
    tolerations: [...settings.tolerations],
    ...(settings.priorityClassName ? { priorityClassName: settings.priorityClassName } : {}),
    initContainers: [
      container("fetch", settings, { cpu: "50m", memory: `${OVERHEAD.memoryMib}Mi`, "ephemeral-storage": "64Mi" }),
      { ...container("agent", settings, { cpu: `${OVERHEAD.cpuMillicores}m`, memory: `${OVERHEAD.memoryMib}Mi`, "ephemeral-storage": "64Mi" }), restartPolicy: "Always" },
    ],
    containers: [
      container("sumo", settings, {
        cpu: String(spec.cpu),
        memory: `${spec.memoryMib + WRAPPER_MEMORY_MIB}Mi`,
        "ephemeral-storage": `${diskMib}Mi`,
      }),
    ],
    volumes: [
      { name: "attempt", emptyDir: { sizeLimit: `${diskMib}Mi` } },
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      { name: "token", secret: { secretName: spec.name, defaultMode: 0o440 } },
    ],
  };
}

function container(role: keyof typeof USER, settings: PodSettings, resources: Record<string, string>): Wire<V1Container> {
  const speaks = role !== "sumo";
  return {
    name: role,
    image: settings.image,
    imagePullPolicy: "IfNotPresent",
    args: [role, ATTEMPT_DIR],
    env: speaks
      ? [
          { name: "RUNNER_URL", value: settings.runnerUrl },
          { name: "TOKEN_FILE", value: `${TOKEN_DIR}/token` },
        ]
      : [],
    resources: { requests: resources, limits: resources },
    securityContext: {
      runAsUser: USER[role],
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [
      { name: "attempt", mountPath: ATTEMPT_DIR },
      { name: "tmp", mountPath: "/tmp" },
      ...(speaks ? [{ name: "token", mountPath: TOKEN_DIR, readOnly: true }] : []),
    ],
  };
}

/** Tells our own Job of an earlier try from one that somebody else made under its name. */
export function specHash(job: Wire<V1Job>): string {
  return createHash("sha256").update(JSON.stringify(job.spec)).digest("hex");
}
