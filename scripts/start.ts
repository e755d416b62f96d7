// npm start: the portal of the last build, for production. All settings come from the environment.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, runUntilSignal, sentenceOf } from "./launcher";

/** The folder of the build that this file is part of. */
const cwd = dirname(fileURLToPath(import.meta.url));

try {
  const launched = await launch({
    environment: { ...process.env, NODE_ENV: "production" },
    cwd,
    args: () => [join(cwd, "server.js")],
    onStep: (text) => process.stdout.write(`${text}\n`),
  });
  process.stdout.write(`SUMO-K8 is ready at ${launched.url}\n`);
  process.exit(await runUntilSignal(launched));
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(1);
}
