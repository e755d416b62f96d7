/**
 * Work that goes on beside the passes: one task a key at a time, so many at once, and an error of one is
 * told and stops no other.
 */
export type Tasks = {
  /** False when one of this key is under way; it is then not started. */
  start(key: string, task: () => Promise<void>): boolean;
  has(key: string): boolean;
  /** Resolves when none is under way. */
  idle(): Promise<void>;
};

export function createTasks(limit: number, onError: (key: string, error: unknown) => void): Tasks {
  const running = new Map<string, Promise<void>>();
  const line: (() => void)[] = [];
  let free = limit;

  const enter = async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => line.push(resolve));
  };
  const leave = () => {
    const next = line.shift();
    if (next) next();
    else free += 1;
  };
  const run = async (key: string, task: () => Promise<void>) => {
    await enter();
    try {
      await task();
    } catch (error) {
      onError(key, error);
    } finally {
      leave();
      running.delete(key);
    }
  };
  return {
    start: (key, task) => {
      if (running.has(key)) return false;
      running.set(key, run(key, task));
      return true;
    },
    has: (key) => running.has(key),
    idle: async () => {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
