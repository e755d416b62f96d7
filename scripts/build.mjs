// npm run build: makes dist/builds/<hash of the sources>/ (the whole server, ready to run in that
// folder) and points dist/current at it. Does nothing when that build is there. A portal that is
// running keeps its own folder, so a build never disturbs it.
import { spawn } from "node:child_process";
import { cp, mkdir, readdir, rename, rm, stat, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sourceHash } from "./source-hash.mjs";
import { withLock } from "./with-lock.mjs";

const KEPT_BUILDS = 5;
const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const builds = join(root, "dist/builds");

await withLock(join(root, "dist/.build-lock"), async () => {
  const hash = await sourceHash(root);
  const target = join(builds, hash);
  if (await exists(join(target, "server.js"))) {
    await utimes(target, new Date(), new Date());
    await pointAt(hash);
    return;
  }
  const started = performance.now();
  await runNext();
  const standalone = join(root, ".next/standalone");
  await requireOnlyServed(standalone);
  if (await exists(join(root, "public"))) {
    await cp(join(root, "public"), join(standalone, "public"), { recursive: true });
  }
  await cp(join(root, ".next/static"), join(standalone, ".next/static"), { recursive: true });
  await cp(join(root, "drizzle"), join(standalone, "drizzle"), { recursive: true });
  const { bundle } = await import("./bundle.mjs");
  await bundle(root, "runner/main.ts", join(standalone, "dist/runner.mjs"));
  await bundle(root, "scripts/start.ts", join(standalone, "start.mjs"));
  await mkdir(builds, { recursive: true });
  await rm(target, { recursive: true, force: true });
  await rename(standalone, target);
  await pointAt(hash);
  await removeOld(hash);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`Built in ${seconds} s.\n`);
});

function runNext() {
  const next = join(root, "node_modules/next/dist/bin/next");
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [next, "build"], { cwd: root, env, stdio: "inherit" });
    child.once("error", failed);
    child.once("exit", (code) => {
      if (code === 0) return done();
      process.stderr.write("The build failed; the reason stands above.\n");
      process.exit(1);
    });
  });
}

/** Next copies what its tracer believes to be needed; a file of a data folder must never be among it. */
async function requireOnlyServed(standalone) {
  const served = [".next", "drizzle", "node_modules", "package.json", "server.js"];
  const others = (await readdir(standalone)).filter((name) => !served.includes(name));
  if (others.length === 0) return;
  await rm(standalone, { recursive: true, force: true });
  process.stderr.write(`The build would hold ${others.join(", ")}; see lib/path-in.ts.\n`);
  process.exit(1);
}

/** A link is replaced by renaming another over it, so that it never points nowhere. */
async function pointAt(hash) {
  const fresh = join(root, `dist/.current-${process.pid}`);
  await symlink(join("builds", hash), fresh);
  await rename(fresh, join(root, "dist/current"));
}

async function removeOld(hash) {
  const names = (await readdir(builds)).filter((name) => name !== hash);
  const dated = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(builds, name))).mtimeMs })),
  );
  const old = dated.sort((a, b) => b.time - a.time).slice(KEPT_BUILDS - 1);
  await Promise.all(
    old.map(({ name }) => rm(join(builds, name), { recursive: true, force: true })),
  );
}

function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
