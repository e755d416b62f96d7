import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { bundle } from "@/scripts/bundle.mjs";
import { attemptSecretIn } from "./secret";

const run = promisify(execFile);

test("processes that start at once agree on one secret, which only the owner may read", async () => {
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-secret-"));
  try {
    const program = join(dir, "secret.mjs");
    await bundle(process.cwd(), "lib/attempts/secret.ts", program);
    const file = pathToFileURL(program).href;
    const code = `import(${JSON.stringify(file)}).then((m) => console.log(m.attemptSecretIn(process.argv[1])))`;
    const starts = Array.from({ length: 6 }, () =>
      run(process.execPath, ["-e", code, join(dir, "data")]),
    );
    const secrets = (await Promise.all(starts)).map(({ stdout }) => stdout.trim());
    expect(new Set(secrets).size).toBe(1);
    expect(secrets[0]).toHaveLength(43);
    expect(attemptSecretIn(join(dir, "data"))).toBe(secrets[0]);
    expect(await readdir(join(dir, "data"))).toEqual(["runner-secret"]);
    expect((await stat(join(dir, "data", "runner-secret"))).mode & 0o777).toBe(0o600);
  } finally {
    await rm(dir, { recursive: true });
  }
});
