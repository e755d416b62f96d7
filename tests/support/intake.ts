import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAppError } from "@/lib/domain/errors";
import type { TenantScope } from "@/lib/domain/tenant";
import { ingestArchive } from "@/lib/scenarios/ingest";
import { FileArtifactStore } from "@/lib/storage/file-store";
import { openTestDatabase } from "./database";
import { insertTenant } from "./tenant";
import { makeZip, type ZipPart } from "./zip";

type Options = Partial<Parameters<typeof ingestArchive>[3]>;
export type Intake = Awaited<ReturnType<typeof openIntake>>;

const GOOD: readonly ZipPart[] = [
  { name: "run.sumocfg", content: '<configuration><net-file value="a.net.xml"/></configuration>' },
  { name: "a.net.xml", content: "<net/>" },
];

/** A sound archive of two files, and these. */
export const zipWith = (...parts: readonly ZipPart[]): Buffer => makeZip([...GOOD, ...parts]);

/** A file with little in it. */
export const part = (name: string | Uint8Array, more: Partial<ZipPart> = {}): ZipPart => ({
  name,
  content: "x",
  ...more,
});

/** A database and a store of their own, and ways to send archives there and to see what became of them. */
export async function openIntake() {
  const database = await openTestDatabase();
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-intake-"));
  const files = join(dir, "files");
  await mkdir(files);
  const store = new FileArtifactStore(files);
  let tenants = 0;

  async function ingest(scope: TenantScope, archive: Uint8Array, options: Options = {}) {
    const path = join(dir, `${randomBytes(8).toString("hex")}.zip`);
    await writeFile(path, archive);
    const sha256 = createHash("sha256").update(archive).digest("hex");
    const received = { path, fileName: "a.zip", sizeBytes: archive.length, sha256 };
    try {
      return await ingestArchive({ database, store }, scope, received, { kept: false, ...options });
    } finally {
      await rm(path);
    }
  }

  return {
    database,
    store,
    dir,
    ingest,
    newTenant: (limits: Parameters<typeof insertTenant>[2] = {}) =>
      insertTenant(database, `tenant-${++tenants}`, limits),
    /** Code and sentence of the refusal, or "accepted". */
    refusal: (scope: TenantScope, archive: Uint8Array, options: Options = {}): Promise<string> =>
      ingest(scope, archive, options).then(
        () => "accepted",
        (error: unknown) => {
          if (!isAppError(error)) throw error;
          return `${error.code} ${error.message}`;
        },
      ),
    /** All files of a tenant, and all that are in flight. */
    filesOf: async ({ tenantId }: TenantScope): Promise<string[]> => {
      const found = await readdir(files, { recursive: true, withFileTypes: true }).catch(() => []);
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => path.includes(`/${tenantId}/`) || path.includes(".scratch"));
    },
    storedBytes: async ({ tenantId }: TenantScope): Promise<number> => {
      const [row] = await database.sql<{ bytes: number }[]>`
        select stored_bytes::int as bytes from tenants where id = ${tenantId}`;
      return row?.bytes ?? -1;
    },
    close: async (): Promise<void> => {
      await database.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
