import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "@/scripts/bundle.mjs";

let made: Promise<string> | undefined;

/** The runner of the present sources as one file, as the build makes it; once per process. */
export function runnerBundle(): Promise<string> {
  made ??= (async () => {
    const file = join(mkdtempSync(join(tmpdir(), "sumo-k8-runner-")), "runner.mjs");
    await bundle(process.cwd(), "runner/main.ts", file);
    return file;
  })();
  return made;
}
