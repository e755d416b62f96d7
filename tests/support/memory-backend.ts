import { EventEmitter, on } from "node:events";
import type { AttemptName, AttemptRef, AttemptSpec, Observation } from "@/lib/domain/attempt";
import type { ExecutionBackend } from "@/lib/execution/backend";

/** An ExecutionBackend that holds attempts in memory; tests say what becomes of them. */
export class MemoryBackend implements ExecutionBackend {
  capacity: number;
  readonly held = new Map<AttemptName, Observation>();
  /** Each name as often as an attempt of it was really begun. */
  readonly begun: AttemptName[] = [];
  readonly removed: AttemptName[] = [];
  /** Called first by start and remove; throws to refuse. */
  obstacle: (call: "start" | "remove" | "observe", name?: AttemptName) => Promise<void> | void =
    () => undefined;
  readonly #changes = new EventEmitter();

  constructor(capacity = 10) {
    this.capacity = capacity;
  }

  async start({ name }: AttemptSpec): Promise<void> {
    await this.obstacle("start", name);
    if (this.held.has(name)) return;
    this.begun.push(name);
    this.set(name, { phase: "active" });
  }

  async observe(): Promise<ReadonlyMap<AttemptName, Observation>> {
    await this.obstacle("observe");
    return new Map(this.held);
  }

  async remove({ name }: AttemptRef): Promise<void> {
    await this.obstacle("remove", name);
    if (this.held.delete(name)) this.removed.push(name);
  }

  async *output(): AsyncIterable<string> {
    // it writes nothing
  }

  async *changes(signal: AbortSignal): AsyncIterable<AttemptName> {
    for await (const [name] of on(this.#changes, "change", { signal })) yield name as AttemptName;
  }

  set(name: AttemptName, seen: Observation): void {
    this.held.set(name, seen);
    this.#changes.emit("change", name);
  }
}
