import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Finish } from "@/lib/domain/runner-protocol";
import type { AttemptPaths } from "./attempt-paths";
import { collectResults } from "./collect";
import type { PortalClient } from "./portal-client";
import { Reporter } from "./reporter";
import { Ended, enterPhase, readJson, writeJson } from "./spool-files";
import { type Manifest, uploadFiles } from "./upload";

const LOOK_MS = 100;

/**
 * Tells the portal what the run leaves in files, until the portal has accepted its end. Goes on where an
 * agent before it stopped. Throws AttemptOver when the portal does not want it.
 */
export async function runAgent(paths: AttemptPaths, client: PortalClient): Promise<void> {
  const over = new AbortController();
  const reporter = new Reporter(paths, client);
  const reporting = reporter.run(over.signal);
  const finishing = finish(paths, client, reporter).finally(() => over.abort());
  // Whichever fails first ends both; a call that is under way ends with the process.
  await Promise.all([reporting, finishing]);
}

async function finish(
  paths: AttemptPaths,
  client: PortalClient,
  reporter: Reporter,
): Promise<void> {
  while (!existsSync(paths.ended)) await sleep(LOOK_MS);
  const ended = readJson(paths.ended, Ended);
  if (!ended) throw new Error("The file that tells the end is gone.");
  enterPhase(paths, "UploadingResults", new Date(ended.at));
  const results = await collectResults(paths);
  let manifest = await uploadFiles(client, paths.work, results);
  const lineCount = reporter.countLines();
  for (;;) {
    while (!reporter.hasToldEnd || reporter.nextLine < lineCount) await sleep(LOOK_MS);
    const body: Finish = { ...ended, line_count: lineCount, ...manifest };
    const missing = await client.finish(JSON.stringify(body));
    if (!missing) break;
    if (missing.next_line !== null) reporter.goTo(missing.next_line);
    manifest = merge(manifest, await uploadFiles(client, paths.work, missing.files));
    await sleep(LOOK_MS);
  }
  writeJson(paths.finished, { at: new Date().toISOString() });
}

function merge(before: Manifest, again: Manifest): Manifest {
  const paths = new Set([...again.files, ...again.lost_files].map(({ path }) => path));
  const keep = <T extends { path: string }>(files: readonly T[]) =>
    files.filter(({ path }) => !paths.has(path));
  return {
    files: [...keep(before.files), ...again.files],
    lost_files: [...keep(before.lost_files), ...again.lost_files],
  };
}
