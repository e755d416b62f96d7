// npm run lock, after each `npm install`: a registry that has the packages of one platform only
// leaves the others' optional packages out of package-lock.json, and `npm ci` then refuses the
// file. This adds the entries that are missing (npm skips them where they do not fit).
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const SYSTEMS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const PROCESSORS = [
  "arm",
  "arm64",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "wasm32",
  "x64",
];

/**
 * The lock with an entry for every optional dependency, in the format of
 * https://docs.npmjs.com/cli/configuring-npm/package-lock-json. Returns the paths that were added.
 */
export function completeLock(lock) {
  const added = Object.entries(lock.packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !resolvesFrom(lock.packages, parent, name))
      .map(([name, version]) => ({ path: pathOf(parent, name), name, version })),
  );
  const entries = added.map(({ path, name, version }) => [path, entryOf(name, version)]);
  const all = { ...lock.packages, ...Object.fromEntries(entries) };
  const packages = Object.fromEntries(
    Object.keys(all)
      .sort()
      .map((path) => [path, all[path]]),
  );
  return { lock: { ...lock, packages }, added: [...new Set(added.map(({ path }) => path))] };
}

/** As Node looks for a package: beside the parent's own packages, then further up. */
function resolvesFrom(packages, parent, name) {
  for (let place = parent; ; place = upOf(place)) {
    if (`${place === "" ? "" : `${place}/`}node_modules/${name}` in packages) return true;
    if (place === "") return false;
  }
}

function upOf(place) {
  const at = place.lastIndexOf("node_modules/");
  return at <= 0 ? "" : place.slice(0, at - 1);
}

/** Beside its parent, so that two versions of one package do not meet. */
function pathOf(parent, name) {
  const up = upOf(parent);
  return `${up === "" ? "" : `${up}/`}node_modules/${name}`;
}

function entryOf(name, version) {
  const words = name.split(/[/\-.]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  return {
    version: version.replace(/^[\^~]/, ""),
    optional: true,
    ...(os.length > 0 && { os }),
    ...(cpu.length > 0 && { cpu }),
    ...(/musl/.test(name) && { libc: ["musl"] }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL("../package-lock.json", import.meta.url));
  const { lock, added } = completeLock(JSON.parse(await readFile(file, "utf8")));
  await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`package-lock.json: ${added.length} entries added.\n`);
}
