import { existsSync } from "node:fs";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { startedAttempt } from "@/tests/support/local-attempt";
import { tinyScenario } from "@/tests/support/scenario";

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end();
});

/** Real SUMO for the check; for the run a program that says `count` numbered lines over `seconds`. */
async function talkative(count: number, seconds: number): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-talk-"));
  const path = join(dir, "sumo");
  const parts = 20;
  await writeFile(
    path,
    `#!/bin/sh
export PATH=/usr/bin:/bin
case "$*" in
  *step-log.period*) i=0
    while [ $i -lt ${parts} ]; do
      seq -f 'Warning: number %.0f' $((i * ${count / parts})) $((i * ${count / parts} + ${count / parts} - 1)) >&2
      i=$((i + 1)); sleep ${seconds / parts}
    done
    echo "Reason: All vehicles have left the simulation." ;;
  *) exec sumo "$@" ;;
esac
`,
  );
  await chmod(path, 0o755);
  return path;
}

test("100,000 lines all arrive once and in order, though the portal is away twice and loses answers", async () => {
  const { portal } = await startedAttempt(cleanUp, await tinyScenario(), {
    sumoBinary: await talkative(100_000, 10),
  });
  await portal.until(() => portal.lines.length > 5_000, "lines");
  await portal.close();
  await sleep(4_000);
  await portal.open();
  let calls = 0;
  portal.gate = () => {
    calls += 1;
    return calls % 3 !== 0;
  };
  await sleep(1_000);
  await portal.close();
  await sleep(2_000);
  await portal.open();
  const finish = await portal.finished(30_000);
  const numbers = portal.lines
    .filter(([, , level]) => level === "warning")
    .map(([, , , text]) => text);
  expect(numbers).toEqual(Array.from({ length: 100_000 }, (_, at) => `Warning: number ${at}`));
  expect(portal.lines).toHaveLength(finish.line_count);
}, 90_000);

test("a run that ends while the portal is away is told when it is back, with the time at which it ended", async () => {
  const attempt = await startedAttempt(cleanUp, await tinyScenario({ endSeconds: 400_000 }));
  const { portal, dir } = attempt;
  await portal.until(() => portal.reports.some(({ progress }) => progress), "progress");
  await portal.close();
  for (
    const end = Date.now() + 60_000;
    !existsSync(join(dir, "spool/ended.json"));
    await sleep(50)
  ) {
    if (Date.now() > end) throw new Error("The run did not end.");
  }
  const endedAt = Date.now();
  await sleep(3_000);
  await portal.open();
  const finish = await portal.finished();
  expect(finish.outcome.state).toBe("SUCCEEDED");
  expect(Math.abs(Date.parse(finish.at) - endedAt)).toBeLessThan(1_500);
}, 90_000);
