import type { ResultFile } from "@/lib/db/schema/jobs";
import type { Kpis } from "@/lib/domain/kpis";
import type { ArtifactStore } from "@/lib/storage/artifact-store";
import { toKpis } from "./kpis";

const STATISTICS_PATH = "sumo-k8/statistics.xml";
const MAX_BYTES = 4 * 2 ** 20;

/** Main figures of the results; null when the run wrote no statistics. */
export async function readKpis(
  store: ArtifactStore,
  files: readonly Pick<ResultFile, "path" | "sizeBytes">[],
  keyOf: (path: string) => string,
): Promise<Kpis | null> {
  const file = files.find(({ path }) => path === STATISTICS_PATH);
  if (!file || file.sizeBytes === 0 || file.sizeBytes > MAX_BYTES) return null;
  const parts: Buffer[] = [];
  for await (const part of await store.open(keyOf(file.path))) parts.push(part as Buffer);
  return toKpis(Buffer.concat(parts).toString("utf8"));
}
