import type { AttemptName, AttemptRef, AttemptSpec, Observation } from "@/lib/domain/attempt";
import type { ExecutionBackend, OutputOptions } from "@/lib/execution/backend";
import { attemptOf, type ClusterCache, type Job } from "./cluster-cache";
import { isKubeError } from "./errors";
import type { KubeClient } from "./kube-client";
import { ANNOTATION } from "./labels";
import { jobManifest, type PodSettings, tokenSecret } from "./manifest";
import { observeAttempt } from "./observation";

const GONE_LIMIT_MS = 60_000;

type Options = {
  readonly client: KubeClient;
  readonly cache: ClusterCache;
  readonly pods: PodSettings;
};

/** A Job an attempt, in the tenant's namespace. What is, comes from the cache; only starting and removing ask the API server. */
export class KubernetesBackend implements ExecutionBackend {
  readonly capacity = Number.POSITIVE_INFINITY;
  readonly #client: KubeClient;
  readonly #cache: ClusterCache;
  readonly #pods: PodSettings;

  constructor({ client, cache, pods }: Options) {
    this.#client = client;
    this.#cache = cache;
    this.#pods = pods;
  }

  async start(spec: AttemptSpec): Promise<void> {
    const jobs = `/apis/batch/v1/namespaces/${spec.namespace}/jobs`;
    const manifest = jobManifest(spec, this.#pods);
    const job = await this.#client.create(jobs, manifest).catch(async (error: unknown) => {
      if (!isKubeError(error, 409)) throw error;
      return ours(await this.#client.get<Job>(`${jobs}/${spec.name}`), manifest);
    });
    const secret = tokenSecret(spec, { uid: job.metadata?.uid ?? "" });
    await this.#client.create(`/api/v1/namespaces/${spec.namespace}/secrets`, secret).catch((error: unknown) => {
      if (!isKubeError(error, 409)) throw error; // an earlier try made it: the state we wanted
    });
  }

  async observe(): Promise<ReadonlyMap<AttemptName, Observation>> {
    await this.#cache.synced();
    const seen = new Map<AttemptName, Observation>();
    for (const job of this.#cache.jobs.items) {
      const name = attemptOf(job);
      if (!name) continue;
      const pod = this.#cache.podOf(name);
      const notes = this.#cache.notesOf([name, pod?.metadata?.name ?? ""]);
      seen.set(name, observeAttempt({ job, pod, notes, isNodeReady: (node) => this.#cache.isNodeReady(node) }));
    }
    return seen;
  }

  /** Foreground: the Job stays visible until its pod is gone, so that "gone" is true. */
  async remove({ namespace, name }: AttemptRef): Promise<void> {
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;
    await this.#client.delete(path, { propagationPolicy: "Foreground" });
    await this.#untilGone(name);
  }

  async *output({ namespace, name }: AttemptRef, { tailLines = 1_000, signal }: OutputOptions): AsyncIterable<string> {
    const pod = this.#cache.podOf(name)?.metadata?.name;
    if (!pod) return;
    const query = new URLSearchParams({ container: "agent", tailLines: String(tailLines) });
    const stop = signal ?? AbortSignal.timeout(60_000);
    const stream = await this.#client.stream(`/api/v1/namespaces/${namespace}/pods/${pod}/log?${query}`, stop);
    for await (const chunk of stream.setEncoding("utf8")) yield chunk as string;
  }

  async *changes(signal: AbortSignal): AsyncIterable<AttemptName> {
    const waiting: AttemptName[] = [];
    let wake = () => undefined as void;
    const off = this.#cache.onChange((name) => {
      waiting.push(name);
      wake();
    });
    signal.addEventListener("abort", () => wake(), { once: true });
    try {
      while (!signal.aborted) {
        if (waiting.length === 0) await new Promise<void>((resolve) => { wake = resolve; });
        yield* waiting.splice(0);
      }
    } finally {
      off();
    }
  }

  async #untilGone(name: AttemptName): Promise<void> {
    const isHere = () => this.#cache.jobs.items.some((job) => attemptOf(job) === name);
    if (!isHere()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => end(() => reject(new Error(`${name} is still there after ${GONE_LIMIT_MS / 1_000} s`))), GONE_LIMIT_MS);
      const off = this.#cache.onChange((changed) => {
        if (changed === name && !isHere()) end(resolve);
      });
      const end = (settle: () => void) => {
        clearTimeout(timer);
        off();
        settle();
      };
    });
  }
}

/** Our own Job of an earlier try is success; another's of that name is not. */
function ours(found: Job, wanted: Job): Job {
  const hash = (job: Job) => job.metadata?.annotations?.[ANNOTATION.specHash];
  if (hash(found) === hash(wanted)) return found;
  throw new Error(`A Job ${found.metadata?.namespace}/${found.metadata?.name} that is not ours exists on the cluster.`);
}
