import { notifyJob } from "@/lib/activity/store";
import type { AttemptOutcome, Job, ResultFile } from "@/lib/db/schema/jobs";
import { AppError } from "@/lib/domain/errors";
import type { Kpis } from "@/lib/domain/kpis";
import { Finish } from "@/lib/domain/runner-protocol";
import { kindOf } from "@/lib/results/kind";
import { readKind } from "@/lib/results/read-kind";
import { readKpis } from "@/lib/results/read-kpis";
import { resultKey } from "@/lib/storage/keys";
import { AttemptGone, answer, type Call, readBody } from "./call";
import { isResultPath } from "./files";
import {
  addStoredBytes,
  insertResultFiles,
  lockRunning,
  recordLostFiles,
  updateAttempt,
  updateJob,
} from "./store";
import { findMissingFiles } from "./verify-files";

const MAX_BYTES = 64 * 2 ** 20;
/** Beyond so many files the name alone tells the kind: each look costs the opening of a file. */
const MAX_LOOKS = 500;

/** POST /v1/finish: the outcome counts once all lines and files are here. Safe to repeat. */
export async function takeFinish(call: Call): Promise<void> {
  const { portal, running, request, response } = call;
  const finish = await readBody(request, Finish, MAX_BYTES);
  const wrong = finish.files.find(({ path }) => !isResultPath(path));
  if (wrong) throw new AppError("BAD_REQUEST", `${wrong.path} is no path of a result file.`);
  if (!running.attempt.outcome) {
    const missing = await findMissing(call, finish);
    if (missing) return answer(response, 409, { missing });
    await storeFinish(call, finish);
  }
  portal.hub.emit(`job:${running.job.id}`);
  portal.hub.emit("reconcile");
  answer(response, 200, { accepted: true });
}

async function findMissing({ portal, uploads, running: { job, attempt } }: Call, finish: Finish) {
  const files = await findMissingFiles(portal.store, uploads, finish.files, keysOf(job));
  const line = attempt.lineCount < finish.line_count ? attempt.lineCount : null;
  return files.length > 0 || line !== null ? { next_line: line, files } : undefined;
}

function keysOf(job: Job): (path: string) => string {
  return (path) => resultKey(job.tenantId, job.id, job.attempt, path);
}

async function storeFinish(call: Call, finish: Finish): Promise<void> {
  const { portal, name, uploads } = call;
  const { files, kpis } = await toResults(call, finish);
  await portal.database.db.transaction(async (tx) => {
    const running = await lockRunning(tx, name);
    if (!running) throw new AttemptGone();
    const { job, attempt } = running;
    if (attempt.outcome) return;
    await insertResultFiles(tx, files);
    await recordLostFiles(tx, running, new Date(finish.at), finish.lost_files);
    await updateAttempt(tx, attempt, {
      outcome: toOutcome(finish),
      manifestComplete: finish.lost_files.length === 0,
      finishedAt: new Date(finish.at),
      lastReportAt: new Date(),
    });
    await updateJob(tx, job, { kpis });
    await addStoredBytes(
      tx,
      job,
      files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    );
    await notifyJob(tx, job.id);
  });
  for (const { path } of files) uploads.forget(keysOf(call.running.job)(path));
}

async function toResults(
  { portal, running: { job } }: Call,
  finish: Finish,
): Promise<{ files: ResultFile[]; kpis: Kpis | null }> {
  const keyOf = keysOf(job);
  const files: ResultFile[] = [];
  for (const { path, size_bytes: sizeBytes, sha256 } of finish.files) {
    const look = files.length < MAX_LOOKS && sizeBytes > 0;
    const kind = look ? await readKind(portal.store, keyOf(path), path) : kindOf(path);
    files.push({ jobId: job.id, attempt: job.attempt, path, sizeBytes, sha256, kind });
  }
  return { files, kpis: await readKpis(portal.store, files, keyOf) };
}

/** PostgreSQL keeps neither NUL nor half a character. */
function toOutcome({ outcome }: Finish): AttemptOutcome {
  const { exit_code: exitCode, message, ...rest } = outcome;
  return { ...rest, exitCode, message: message.replaceAll("\0", "").toWellFormed() };
}
