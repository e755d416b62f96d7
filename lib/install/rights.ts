import type { V1ClusterRole, V1ClusterRoleBinding, V1Namespace, V1ServiceAccount } from "@kubernetes/client-node";
import type { Wire } from "@/lib/execution/kubernetes/wire";

export type InstallSpec = { readonly namespace: string; readonly serviceAccount: string };

export const PORTAL_ROLE = "sumo-k8-portal";
export const TENANT_ROLE = "sumo-k8-tenant";

type Rule = { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] };

/**
 * Across the cluster the portal reads what it shows, makes namespaces and binds its tenant role in them.
 * It may not read a secret, touch a pod's inside or write anything else outside its tenants' namespaces.
 */
const PORTAL_RULES: Rule[] = [
  { apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch", "create", "patch", "delete"] },
  { apiGroups: [""], resources: ["nodes", "pods", "events", "resourcequotas"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["metrics.k8s.io"], resources: ["nodes", "pods"], verbs: ["get", "list"] },
  { apiGroups: ["karpenter.sh"], resources: ["nodepools", "nodeclaims"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["rbac.authorization.k8s.io"], resources: ["rolebindings"], verbs: ["get", "create", "patch"] },
  // Without `bind` on just this role the API server refuses the binding as an escalation.
  { apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], verbs: ["bind"], resourceNames: [TENANT_ROLE] },
];

/** Bound in each tenant's namespace. Secrets can be written and removed, never read. */
const TENANT_RULES: Rule[] = [
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "patch", "delete"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["delete"] },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
  { apiGroups: [""], resources: ["secrets"], verbs: ["create", "patch", "delete"] },
  { apiGroups: [""], resources: ["serviceaccounts", "resourcequotas", "limitranges"], verbs: ["get", "create", "patch"] },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["get", "create", "patch"] },
];

type RightsObject = Wire<V1Namespace> | Wire<V1ServiceAccount> | Wire<V1ClusterRole> | Wire<V1ClusterRoleBinding>;

/** What an administrator applies once, in order: path and object of each. */
export function rightsObjects({ namespace, serviceAccount }: InstallSpec): { path: string; object: RightsObject }[] {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  return [
    { path: `/api/v1/namespaces/${namespace}`, object: { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } } },
    {
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}`,
      object: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: serviceAccount, namespace } },
    },
    { path: `${rbac}/clusterroles/${PORTAL_ROLE}`, object: clusterRole(PORTAL_ROLE, PORTAL_RULES) },
    { path: `${rbac}/clusterroles/${TENANT_ROLE}`, object: clusterRole(TENANT_ROLE, TENANT_RULES) },
    {
      path: `${rbac}/clusterrolebindings/${PORTAL_ROLE}`,
      object: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: PORTAL_ROLE },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: PORTAL_ROLE },
        subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace }],
      },
    },
  ];
}

function clusterRole(name: string, rules: Rule[]): Wire<V1ClusterRole> {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules };
}
