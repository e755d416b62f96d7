import type {
  V1LimitRange,
  V1Namespace,
  V1NetworkPolicy,
  V1ResourceQuota,
  V1RoleBinding,
  V1ServiceAccount,
} from "@kubernetes/client-node";
import type { TenantLimits } from "@/lib/domain/tenant";
import { LABEL, MANAGED_BY } from "./labels";
import type { Wire } from "./wire";

export const SERVICE_ACCOUNT = "simulation";
export const TENANT_ROLE = "sumo-k8-tenant";

/** What pods beside SUMO (fetch, agent) take of the quota, per job. */
export const OVERHEAD = { cpuMillicores: 100, memoryMib: 128 } as const;

export type SpaceSpec = {
  readonly tenantId: string;
  readonly namespace: string;
  readonly limits: TenantLimits;
  readonly jobDiskMib: number;
  /** Where the runners' port of the portal is; the only way out of a pod. */
  readonly runner: { readonly cidr: string; readonly port: number } | { readonly namespace: string; readonly podLabels: Record<string, string>; readonly port: number };
  /** The portal's own service account; undefined outside a cluster (then no binding is needed). */
  readonly portal?: { readonly namespace: string; readonly serviceAccount: string };
};

type TenantObject =
  | Wire<V1Namespace>
  | Wire<V1ServiceAccount>
  | Wire<V1ResourceQuota>
  | Wire<V1LimitRange>
  | Wire<V1NetworkPolicy>
  | Wire<V1RoleBinding>;

/** All that a tenant has on the cluster, in the order of making: policies before the first pod. Path and object of each. */
export function tenantObjects(spec: SpaceSpec): { path: string; object: TenantObject }[] {
  const core = `/api/v1/namespaces/${spec.namespace}`;
  const networking = `/apis/networking.k8s.io/v1/namespaces/${spec.namespace}/networkpolicies`;
  const binding = roleBinding(spec);
  return [
    ...(binding ? [{ path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${spec.namespace}/rolebindings/${TENANT_ROLE}`, object: binding }] : []),
    { path: `${core}/serviceaccounts/${SERVICE_ACCOUNT}`, object: serviceAccount(spec) },
    { path: `${networking}/deny-all`, object: denyAll(spec) },
    { path: `${networking}/allow-portal`, object: allowPortal(spec) },
    { path: `${core}/resourcequotas/tenant`, object: resourceQuota(spec) },
    { path: `${core}/limitranges/tenant`, object: limitRange(spec) },
  ];
}

/** The enforce label makes Kubernetes refuse any pod that is not `restricted`, whoever makes it. */
export function namespaceObject(spec: Pick<SpaceSpec, "tenantId" | "namespace">): Wire<V1Namespace> {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: spec.namespace,
      labels: {
        [LABEL.managedBy]: MANAGED_BY,
        [LABEL.tenant]: spec.tenantId,
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
      },
    },
  };
}

function meta(spec: SpaceSpec, name: string) {
  return { name, namespace: spec.namespace, labels: { [LABEL.managedBy]: MANAGED_BY, [LABEL.tenant]: spec.tenantId } };
}

function serviceAccount(spec: SpaceSpec): Wire<V1ServiceAccount> {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: meta(spec, SERVICE_ACCOUNT), automountServiceAccountToken: false };
}

/** The portal's queue keeps to the same limits; the quota holds if it should fail to. */
function resourceQuota(spec: SpaceSpec): Wire<V1ResourceQuota> {
  const { limits, jobDiskMib } = spec;
  const jobs = limits.maxConcurrentJobs;
  const cpu = `${limits.maxCpu * 1_000 + jobs * OVERHEAD.cpuMillicores}m`;
  const memory = `${limits.maxMemoryMib + jobs * OVERHEAD.memoryMib}Mi`;
  const disk = `${jobs * jobDiskMib}Mi`;
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: meta(spec, "tenant"),
    spec: {
      hard: {
        "requests.cpu": cpu,
        "limits.cpu": cpu,
        "requests.memory": memory,
        "limits.memory": memory,
        "requests.ephemeral-storage": disk,
        "limits.ephemeral-storage": disk,
        pods: String(jobs),
        "count/jobs.batch": String(jobs * 2),
        "count/secrets": String(jobs * 2 + 4),
        "count/configmaps": "8",
        "count/services": "0",
        "services.nodeports": "0",
        "services.loadbalancers": "0",
        persistentvolumeclaims: "0",
      },
    },
  };
}

function limitRange(spec: SpaceSpec): Wire<V1LimitRange> {
  const small = { cpu: "50m", memory: "64Mi", "ephemeral-storage": "64Mi" };
  return {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: meta(spec, "tenant"),
    // `default` on the wire; the library's class calls it `_default`.
    spec: { limits: [{ type: "Container", default: small, defaultRequest: small } as { type: string }] },
  };
}

function denyAll(spec: SpaceSpec): Wire<V1NetworkPolicy> {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: meta(spec, "deny-all"),
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  };
}

function allowPortal(spec: SpaceSpec): Wire<V1NetworkPolicy> {
  const { runner } = spec;
  const peer =
    "cidr" in runner
      ? { ipBlock: { cidr: runner.cidr } }
      : {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": runner.namespace } },
          podSelector: { matchLabels: runner.podLabels },
        };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: meta(spec, "allow-portal"),
    spec: {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [peer], ports: [{ protocol: "TCP", port: runner.port as never }] }],
    },
  };
}

/** Gives the portal its rights in this namespace, and only here. */
function roleBinding(spec: SpaceSpec): Wire<V1RoleBinding> | undefined {
  if (!spec.portal) return undefined;
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: meta(spec, TENANT_ROLE),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: TENANT_ROLE },
    subjects: [{ kind: "ServiceAccount", name: spec.portal.serviceAccount, namespace: spec.portal.namespace }],
  };
}
