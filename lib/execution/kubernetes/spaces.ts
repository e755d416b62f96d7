import type { V1Namespace } from "@kubernetes/client-node";
import { AppError } from "@/lib/domain/errors";
import { isKubeError } from "./errors";
import type { KubeClient } from "./kube-client";
import { LABEL, MANAGED_BY } from "./labels";
import { namespaceObject, type SpaceSpec, tenantObjects } from "./tenant-objects";
import type { Wire } from "./wire";

/**
 * Brings a tenant's namespace to what `spec` says, with all that is in it. Safe to repeat: drift is mended.
 * A namespace of that name that is not this tenant's is never adopted: CONFLICT.
 */
export async function applySpace(client: KubeClient, spec: SpaceSpec): Promise<void> {
  const path = `/api/v1/namespaces/${spec.namespace}`;
  const found = await findNamespace(client, path);
  if (found && !isOwn(found, spec.tenantId)) {
    throw new AppError("CONFLICT", `The namespace ${spec.namespace} exists on the cluster and is not this tenant's.`);
  }
  await client.apply(path, namespaceObject(spec));
  // The binding comes first and gives the right to make the rest; those do not depend on each other.
  const [first, ...rest] = tenantObjects(spec);
  if (first) await client.apply(first.path, first.object);
  await Promise.all(rest.map(({ path: at, object }) => client.apply(at, object)));
}

async function findNamespace(client: KubeClient, path: string): Promise<Wire<V1Namespace> | undefined> {
  try {
    return await client.get<Wire<V1Namespace>>(path);
  } catch (error) {
    if (isKubeError(error, 404)) return undefined;
    throw error;
  }
}

function isOwn({ metadata }: Wire<V1Namespace>, tenantId: string): boolean {
  return metadata?.labels?.[LABEL.managedBy] === MANAGED_BY && metadata.labels[LABEL.tenant] === tenantId;
}

/** Removes a tenant's namespace with everything in it; absent is success, another's is left alone. */
export async function removeSpace(client: KubeClient, tenantId: string, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}`;
  const found = await findNamespace(client, path);
  if (found?.metadata?.uid && isOwn(found, tenantId)) await client.delete(path, { uid: found.metadata.uid });
}
