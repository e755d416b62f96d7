// npm run dev: the portal from its sources, which are compiled again when they change.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";
import { launch, runUntilSignal, sentenceOf } from "./launcher";

const root = join(fileURLToPath(import.meta.url), "../../..");

try {
  await bundle(root, "runner/main.ts", join(root, "dist/runner.mjs"));
  const launched = await launch({
    environment: { ...process.env, NODE_ENV: "development" },
    cwd: root,
    args: (env) => [
      join(root, "node_modules/next/dist/bin/next"),
      ...["dev", "--port", String(env.PORT), "--hostname", env.HOSTNAME],
    ],
    onStep: (text) => process.stdout.write(`${text}\n`),
  });
  process.exit(await runUntilSignal(launched));
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(1);
}
