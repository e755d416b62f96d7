import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { pathIn } from "@/lib/path-in";

/**
 * What attempt tokens are signed with: kept in `<dir>/runner-secret` (mode 0600), made at the first
 * start. Portals that start at once agree, since only one link to the name can be made.
 */
export function attemptSecretIn(dir: string): string {
  const file = pathIn(dir, "runner-secret");
  const found = read(file);
  if (found) return found;
  mkdirSync(dir, { recursive: true });
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, "utf8");
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8") || undefined;
  } catch {
    return undefined;
  }
}
