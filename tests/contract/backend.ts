import { afterEach, describe, expect, test } from "vitest";
import type { AttemptName, AttemptSpec, Observation } from "@/lib/domain/attempt";
import type { Finish } from "@/lib/domain/runner-protocol";
import type { ExecutionBackend } from "@/lib/execution/backend";

/** One attempt, and what the suite has to see of its world. */
export type BackendTrial = {
  readonly backend: ExecutionBackend;
  /** The backend as another portal has it, on the same world. */
  readonly second: ExecutionBackend;
  readonly spec: AttemptSpec;
  /** Waits for the runner's `finish`. */
  finished(): Promise<Finish>;
  /** Waits until SUMO simulates. */
  simulating(): Promise<void>;
  /** How often a runner asked for the spec. */
  starts(): number;
  /** Ends the runner without a word, as a power cut does. */
  killRunner(): Promise<void>;
  /** How many processes of the attempt there are. */
  processes(): Promise<number>;
  end(): Promise<void>;
};

export type BackendWorld = {
  /** A real scenario that takes about a second, or one that does not end within the test. */
  trial(scenario: "short" | "endless"): Promise<BackendTrial>;
};

const LIMIT_MS = 20_000;

/** What "a backend works" means; every implementation of ExecutionBackend passes it. */
export function backendContract(name: string, world: BackendWorld): void {
  describe(`${name} is an execution backend`, () => {
    const open: BackendTrial[] = [];
    afterEach(async () => {
      for (const trial of open.splice(0)) await trial.end();
    });
    const trialOf = async (scenario: "short" | "endless") => {
      const trial = await world.trial(scenario);
      open.push(trial);
      return trial;
    };

    test("an attempt that was never started is not there, and removing it is no error", async () => {
      const { backend, spec } = await trialOf("short");
      expect((await backend.observe()).has(spec.name)).toBe(false);
      await backend.remove(spec);
    });

    test("an attempt runs to its end, is seen as ended without failure, and is forgotten when removed", async () => {
      const trial = await trialOf("short");
      await trial.backend.start(trial.spec);
      expect((await trial.finished()).outcome.state).toBe("SUCCEEDED");
      const ended = await phase(trial, "ended");
      expect(ended).not.toHaveProperty("failure");
      await trial.backend.remove(trial.spec);
      expect((await trial.backend.observe()).has(trial.spec.name)).toBe(false);
    });

    test("starts at the same time from two portals, and later ones, make one run", async () => {
      const trial = await trialOf("endless");
      const starts = [trial.backend, trial.second, trial.backend, trial.second];
      await Promise.all(starts.map((backend) => backend.start(trial.spec)));
      await trial.simulating();
      await trial.backend.start(trial.spec);
      expect(trial.starts()).toBe(1);
      expect(await phase({ ...trial, backend: trial.second }, "active")).toEqual({
        phase: "active",
      });
    });

    test("a runner that is gone without a word is seen as ended with RunnerLost", async () => {
      const trial = await trialOf("endless");
      await trial.backend.start(trial.spec);
      await trial.simulating();
      const before = Date.now();
      await trial.killRunner();
      const ended = await phase(trial, "ended");
      expect(ended).toMatchObject({ failure: { reason: "RunnerLost" } });
      const at = ended.phase === "ended" ? ended.at.getTime() : 0;
      expect(Math.abs(at - before)).toBeLessThan(5_000);
      await trial.backend.start(trial.spec);
      expect(trial.starts()).toBe(1);
    });

    test("removing ends all processes, also those that a lost runner left, from two portals at once", async () => {
      const trial = await trialOf("endless");
      await trial.backend.start(trial.spec);
      await trial.simulating();
      await trial.killRunner();
      expect(await trial.processes()).toBeGreaterThan(0);
      await Promise.all([trial.backend.remove(trial.spec), trial.second.remove(trial.spec)]);
      expect(await trial.processes()).toBe(0);
      expect((await trial.backend.observe()).has(trial.spec.name)).toBe(false);
    });

    test("removing while it starts leaves nothing that runs", async () => {
      const trial = await trialOf("endless");
      await trial.backend.start(trial.spec);
      await trial.backend.remove(trial.spec);
      await new Promise((done) => setTimeout(done, 1_000));
      expect(await trial.processes()).toBe(0);
      expect((await trial.backend.observe()).has(trial.spec.name)).toBe(false);
    });

    test("changes tell of an attempt that began and that ended", async () => {
      const trial = await trialOf("short");
      const abort = new AbortController();
      const seen: AttemptName[] = [];
      const listening = (async () => {
        for await (const changed of trial.backend.changes(abort.signal)) seen.push(changed);
      })();
      await trial.backend.start(trial.spec);
      await trial.finished();
      await phase(trial, "ended");
      for (const end = Date.now() + LIMIT_MS; seen.length < 2 && Date.now() < end; ) await pause();
      abort.abort();
      await listening;
      expect(new Set(seen)).toEqual(new Set([trial.spec.name]));
    });
  });
}

async function phase(
  { backend, spec }: Pick<BackendTrial, "backend" | "spec">,
  wanted: Observation["phase"],
): Promise<Observation> {
  let seen: Observation | undefined;
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await pause()) {
    seen = (await backend.observe()).get(spec.name);
    if (seen?.phase === wanted) return seen;
  }
  throw new Error(`The attempt was not ${wanted} but ${JSON.stringify(seen)}.`);
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, 50));
}
