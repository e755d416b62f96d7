import { v7 } from "uuid";
import type { Database } from "@/lib/db/client";
import type { Scenario } from "@/lib/db/schema/scenarios";
import { AppError } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { roleOf } from "@/lib/sumo/file-index";
import { Budget } from "./archive/budget";
import { findOddity } from "./archive/kind";
import { type OpenArchive, openArchive } from "./archive/open";
import { ARCHIVE_LIMITS, type ArchiveLimits, judgeEntries } from "./archive/rules";
import { type UnpackedFile, unpackFile } from "./archive/unpack";
import { BlobIntake } from "./blob-intake";
import { commitScenario } from "./commit";
import { type ExaminedFile, examineScenario } from "./examine";
import { findScenarioByArchive, keepScenario } from "./store";

export type ReceivedArchive = {
  readonly path: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
};
type Deps = { readonly database: Database; readonly store: ArtifactStore };
/** `kept`: stays when its last job goes. */
type Options = { readonly kept: boolean; readonly limits?: ArchiveLimits };

const MAX_CONFIG_BYTES = 2 ** 20;
const MAX_CONFIGS = 500;
const ATTEMPTS = 3;

/**
 * Makes a scenario of an archive that has arrived; the same archive again is the same scenario, and is not even
 * opened. The caller keeps the archive's file and removes it. Throws INVALID_INPUT with what is wrong with the archive,
 * TOO_LARGE when the tenant's storage is full; nothing is left behind then.
 */
export async function ingestArchive(
  deps: Deps,
  { tenantId }: Pick<TenantScope, "tenantId">,
  archive: ReceivedArchive,
  options: Options,
): Promise<Scenario> {
  const existing = await findScenarioByArchive(deps.database.sql, tenantId, archive.sha256);
  if (existing && (existing.kept || !options.kept)) return existing;
  if (existing && (await keepScenario(deps.database.sql, tenantId, existing.id)))
    return { ...existing, kept: true };
  for (let attempt = 1; ; attempt += 1) {
    const scenario = await unpackAndCommit(deps, tenantId, archive, options, attempt === 1);
    if (scenario) return scenario;
    if (attempt === ATTEMPTS) {
      throw new AppError(
        "UNAVAILABLE",
        "Files of this archive were being deleted meanwhile. Send it again.",
        { retryAfterSeconds: 1 },
      );
    }
  }
}

/** Undefined when contents that were there are gone meanwhile, so that they have to be unpacked again. */
async function unpackAndCommit(
  { database, store }: Deps,
  tenantId: string,
  received: ReceivedArchive,
  { kept, limits = ARCHIVE_LIMITS }: Options,
  isKnownTrusted: boolean,
): Promise<Scenario | undefined> {
  const intake = new BlobIntake(database, store, tenantId, isKnownTrusted);
  const archive = await openArchive(received.path, limits);
  try {
    const { files, examined } = await unpackAll(archive, { intake, store, limits });
    const scenario = {
      id: v7(),
      tenantId,
      archiveSha256: received.sha256,
      archiveBytes: received.sizeBytes,
      fileName: received.fileName,
      fileCount: files.length,
      unpackedBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      ...examineScenario(examined),
      kept,
    };
    return await commitScenario({ database, store }, scenario, files, intake);
  } finally {
    await archive.close();
    await intake.discard();
  }
}

async function unpackAll(
  archive: OpenArchive,
  { intake, store, limits }: { intake: BlobIntake; store: ArtifactStore; limits: ArchiveLimits },
): Promise<{ files: UnpackedFile[]; examined: ExaminedFile[] }> {
  const judged = judgeEntries(archive.entries);
  if (judged.faults.length > 0) {
    const sentences = judged.faults.map(({ file, message }) => `${file} ${message}.`);
    throw new AppError("INVALID_INPUT", `The archive is refused: ${sentences.join(" ")}`, {
      faults: judged.faults,
    });
  }
  if (judged.files.length === 0) {
    throw new AppError(
      "INVALID_INPUT",
      "The archive has no files. Put the scenario's files into it.",
    );
  }
  const budget = new Budget(archive.sizeBytes, limits);
  const examined: ExaminedFile[] = [];
  const see = (file: UnpackedFile, content: Uint8Array) => {
    examined.push(toExamined(file, content, examined.length < MAX_CONFIGS));
  };
  const files: UnpackedFile[] = [];
  for (const file of judged.files) {
    files.push(await unpackFile(archive, file, { budget, intake, store, see }));
  }
  await intake.flush();
  return { files, examined };
}

function toExamined(
  { path, sizeBytes }: UnpackedFile,
  content: Uint8Array,
  isKeeping: boolean,
): ExaminedFile {
  const head = Buffer.from(content.subarray(0, 1_024));
  const role = roleOf(path, head.toString("utf8").replace(/^\uFEFF/, ""));
  const oddity = findOddity(head);
  const isConfig =
    role === "config" && content.length === sizeBytes && sizeBytes <= MAX_CONFIG_BYTES && isKeeping;
  return { path, role, ...(oddity ? { oddity } : {}), ...(isConfig ? { content } : {}) };
}
