import type {
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from "@kubernetes/client-node";
import type { Wire } from "@/lib/execution/kubernetes/wire";
import { type InstallSpec, TENANT_ROLE } from "./rights";

export const FENCE = "sumo-k8-portal-fence";

/**
 * RBAC cannot say "only namespaces that begin with sim-", nor look into a Job. Without this fence, a portal
 * that is taken over could start a pod with any service account of the cluster.
 */
export function admissionFence(spec: InstallSpec): Wire<V1ValidatingAdmissionPolicy> {
  const all = (apiGroups: string[], resources: string[]) => ({
    apiGroups,
    apiVersions: ["*"],
    operations: ["CREATE", "UPDATE", "DELETE"],
    resources,
  });
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: FENCE },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [
          all([""], ["namespaces", "pods", "secrets", "serviceaccounts", "resourcequotas", "limitranges"]),
          all(["batch"], ["jobs"]),
          all(["networking.k8s.io"], ["networkpolicies"]),
          all(["rbac.authorization.k8s.io"], ["rolebindings"]),
        ],
      },
      matchConditions: [
        {
          name: "is-the-portal",
          expression: `request.userInfo.username == "system:serviceaccount:${spec.namespace}:${spec.serviceAccount}"`,
        },
      ],
      variables: [
        { name: "place", expression: "request.resource.resource == 'namespaces' ? request.name : request.namespace" },
        { name: "pod", expression: "request.resource.resource == 'jobs' && object != null ? object.spec.template.spec : null" },
      ],
      validations: [
        {
          expression: "variables.place.startsWith('sim-')",
          message: "The portal may write only in its tenants' namespaces (sim-...).",
        },
        {
          expression:
            "request.resource.resource != 'namespaces' || object == null || (has(object.metadata.labels) && 'pod-security.kubernetes.io/enforce' in object.metadata.labels && object.metadata.labels['pod-security.kubernetes.io/enforce'] == 'restricted')",
          message: "A tenant's namespace must enforce the restricted Pod Security profile.",
        },
        {
          expression: `request.resource.resource != 'rolebindings' || object == null || (object.roleRef.kind == 'ClusterRole' && object.roleRef.name == '${TENANT_ROLE}' && object.subjects.all(s, s.kind == 'ServiceAccount' && s.name == '${spec.serviceAccount}' && s.namespace == '${spec.namespace}'))`,
          message: `The portal may bind only the role ${TENANT_ROLE}, and only to itself.`,
        },
        {
          expression:
            "variables.pod == null || (has(variables.pod.serviceAccountName) && variables.pod.serviceAccountName == 'simulation' && has(variables.pod.automountServiceAccountToken) && variables.pod.automountServiceAccountToken == false)",
          message: "A simulation's pod runs as the service account 'simulation', without its token.",
        },
        {
          expression:
            "variables.pod == null || (!(has(variables.pod.hostNetwork) && variables.pod.hostNetwork) && !(has(variables.pod.hostPID) && variables.pod.hostPID) && !(has(variables.pod.hostIPC) && variables.pod.hostIPC) && (!has(variables.pod.volumes) || variables.pod.volumes.all(v, has(v.emptyDir) || has(v.secret))))",
          message: "A simulation's pod has no part of the host: only emptyDir and secret volumes.",
        },
      ],
    },
  };
}

export function admissionFenceBinding(): Wire<V1ValidatingAdmissionPolicyBinding> {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: FENCE },
    spec: { policyName: FENCE, validationActions: ["Deny"] },
  };
}
