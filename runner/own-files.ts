import { copyFileSync, existsSync, readdirSync, renameSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { type OutputPlan, OWN_FILES } from "@/lib/sumo/output-options";

/**
 * Where SUMO put an output: it puts the tenant's output-prefix (in which TIME is the hour) before the
 * name and, since 1.27, an output-suffix before its end.
 */
export function findWritten(work: string, path: string): string | undefined {
  if (path === "" || existsSync(join(work, path))) return path === "" ? undefined : path;
  const folder = dirname(path);
  const end = extname(path);
  const stem = basename(path, end);
  const names = existsSync(join(work, folder)) ? readdirSync(join(work, folder)) : [];
  const name = names.find((found) => isVariant(found, stem, end));
  return name === undefined ? undefined : join(folder, name);
}

function isVariant(name: string, stem: string, end: string): boolean {
  return name.endsWith(end) && name.includes(stem) && !name.endsWith(".add.xml");
}

/** Gives our own files the names that readers of results rely on. */
export function settleOwnFiles(work: string, plan: OutputPlan): void {
  for (const path of [
    OWN_FILES.statistics,
    OWN_FILES.summary,
    OWN_FILES.tripinfo,
    OWN_FILES.edgeData,
  ]) {
    const found = findWritten(work, path);
    if (found !== undefined && found !== path) {
      renameSync(join(work, found), join(work, path));
    }
  }
  const statistics = findWritten(work, plan.statistics);
  if (statistics !== undefined && !existsSync(join(work, OWN_FILES.statistics))) {
    copyFileSync(join(work, statistics), join(work, OWN_FILES.statistics));
  }
}
