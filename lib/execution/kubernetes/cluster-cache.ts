import type { CoreV1Event, V1Job, V1Node, V1Pod } from "@kubernetes/client-node";
import { type AttemptName, attemptName } from "@/lib/domain/attempt";
import type { KubeClient } from "./kube-client";
import { LABEL, managedSelector, NAMESPACE_PREFIX } from "./labels";
import type { Note } from "./observation";
import { Reflector } from "./reflector";
import type { KubeObject, Wire } from "./wire";

export type Job = Wire<V1Job>;
export type Pod = Wire<V1Pod>;
export type Node = Wire<V1Node>;
type Event = Wire<CoreV1Event>;

const NOTES_KEPT = 10;

/** What the cluster says, kept true by four watches, so that a pass asks the API server nothing. */
export class ClusterCache {
  readonly jobs: Reflector<Job>;
  readonly pods: Reflector<Pod>;
  readonly nodes: Reflector<Node>;
  readonly #events: Reflector<Event>;
  readonly #notes = new Map<string, Note[]>();
  /** A pod that is gone still tells why, for as long as its Job is there. */
  readonly #pods = new Map<AttemptName, Pod>();
  readonly #listeners = new Set<(name: AttemptName) => void>();

  constructor(client: KubeClient, onError: (error: unknown) => void) {
    const ours = { labelSelector: managedSelector, onError, keep: withoutManagedFields };
    this.jobs = new Reflector<Job>(client, {
      ...ours,
      path: "/apis/batch/v1/jobs",
      onChange: (job, isGone) => this.#onJob(job, isGone),
    });
    this.pods = new Reflector<Pod>(client, { ...ours, path: "/api/v1/pods", onChange: (pod) => this.#onPod(pod) });
    this.nodes = new Reflector<Node>(client, {
      path: "/api/v1/nodes",
      keep: withoutManagedFields,
      onError,
      onChange: () => undefined,
    });
    this.#events = new Reflector<Event>(client, {
      path: "/api/v1/events",
      keep: withoutManagedFields,
      onError,
      onChange: (event, isGone) => !isGone && this.#onEvent(event),
    });
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const all = [this.jobs, this.pods, this.nodes, this.#events] as const;
    await Promise.all(all.map((reflector) => reflector.run(signal)));
  }

  /** Resolves when everything was listed once; before that nothing may be decided from it. */
  async synced(): Promise<void> {
    await Promise.all([this.jobs.synced, this.pods.synced, this.nodes.synced]);
  }

  onChange(listener: (name: AttemptName) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  podOf(name: AttemptName): Pod | undefined {
    return this.#pods.get(name);
  }

  /** Event messages of these objects, newest first. */
  notesOf(names: readonly string[]): Note[] {
    return names.flatMap((name) => this.#notes.get(name) ?? []).sort((a, b) => b.at.localeCompare(a.at));
  }

  /** Undefined for a node that is not known. */
  isNodeReady(name: string): boolean | undefined {
    const node = this.nodes.items.find(({ metadata }) => metadata?.name === name);
    return node?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  }

  #onPod(pod: Pod): void {
    const name = attemptOf(pod);
    if (!name) return;
    this.#pods.set(name, pod);
    this.#tell(name);
  }

  #onJob(job: Job, isGone: boolean): void {
    const name = attemptOf(job);
    if (!name) return;
    if (isGone) {
      this.#notes.delete(name);
      this.#notes.delete(this.#pods.get(name)?.metadata?.name ?? "");
      this.#pods.delete(name);
    }
    this.#tell(name);
  }

  #onEvent({ involvedObject, reason, message, metadata, lastTimestamp, eventTime }: Event): void {
    if (!involvedObject?.name || !reason || !involvedObject.namespace?.startsWith(NAMESPACE_PREFIX)) return;
    const at = lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? "";
    const earlier = (this.#notes.get(involvedObject.name) ?? []).filter((note) => note.reason !== reason);
    this.#notes.set(involvedObject.name, [{ reason, message: message ?? "", at }, ...earlier].slice(0, NOTES_KEPT));
  }

  #tell(name: AttemptName): void {
    for (const listener of this.#listeners) listener(name);
  }
}

/** The name of the attempt that a Job or pod of ours belongs to. */
export function attemptOf(object: KubeObject): AttemptName | undefined {
  const labels = object.metadata?.labels ?? {};
  const job = labels[LABEL.job];
  const number = Number(labels[LABEL.attempt]);
  return job && number ? attemptName(job, number) : undefined;
}

/** They are half of an object's size and of no use here. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  if (object.metadata) delete (object.metadata as { managedFields?: unknown }).managedFields;
  return object;
}
