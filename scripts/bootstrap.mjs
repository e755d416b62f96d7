// What `npm run demo` and `npm test` need before anything is installed: plain Node 20, no packages.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const ownNode = join(root, "node_modules/.bin/node");

export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Ends the program with the reason and what to do about it. */
export function giveUp(reason, remedy) {
  process.stderr.write(`\n${reason}\n${remedy}\n`);
  process.exit(1);
}

/** Installs the packages of the lock file, unless they are there. Returns after at most some minutes. */
export function installPackages() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) {
    giveUp(
      `Node ${process.versions.node} is too old: 20 or newer is needed.`,
      "Install a newer one, for instance from https://nodejs.org, and try again.",
    );
  }
  if (arePackagesInstalled()) return;
  say("Installing the packages of package-lock.json (npm ci; about a minute) ...");
  const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.status !== 0 || !existsSync(ownNode)) {
    giveUp(
      "npm could not install the packages; its reason stands above.",
      "Check the connection to the npm registry and the free disk space (1 GB is needed), then try again.",
    );
  }
}

/** npm keeps what it installed in node_modules/.package-lock.json; optional packages may be absent. */
function arePackagesInstalled() {
  if (!existsSync(ownNode)) return false;
  const read = (path) => JSON.parse(readFileSync(join(root, path), "utf8")).packages;
  try {
    const installed = read("node_modules/.package-lock.json");
    return Object.entries(read("package-lock.json")).every(
      ([path, entry]) =>
        path === "" || entry.optional || installed[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

/**
 * The same program again under the Node that the packages brought; ends this process with its exit
 * code. Returns at once where this is that Node.
 */
export async function continueWithOwnNode(program, args) {
  if (process.env.SUMO_K8_OWN_NODE === "1") return;
  const env = {
    ...process.env,
    SUMO_K8_OWN_NODE: "1",
    PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`,
  };
  const child = spawn(ownNode, [program, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env,
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  const code = await new Promise((done) => child.once("exit", (status) => done(status ?? 1)));
  process.exit(code);
}

export function hasCommand(name) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Installs Debian packages where that needs no password; returns whether they are installed. */
export function installDebianPackages(names) {
  const asRoot = rootPrefix();
  if (!asRoot || !hasCommand("apt-get")) return false;
  say(`Installing ${names.join(" and ")} (apt-get; some minutes) ...`);
  const apt = (...args) => {
    const [command, ...rest] = [
      ...asRoot,
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      ...args,
    ];
    return spawnSync(command, rest, { stdio: ["ignore", "ignore", "inherit"] }).status === 0;
  };
  apt("update", "-qq");
  return apt("install", "-y", "-qq", "--no-install-recommends", ...names);
}

function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!hasCommand("sudo")) return undefined;
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0
    ? ["sudo", "-n"]
    : undefined;
}

/** SUMO from PATH or SUMO_BINARY, else from Debian's packages, else the line to run. */
export function requireSumo() {
  const binary = process.env.SUMO_BINARY || "sumo";
  if (existsSync(binary) || hasCommand(binary)) return;
  if (installDebianPackages(["sumo", "sumo-tools"]) && hasCommand("sumo")) return;
  giveUp(
    "SUMO is not installed, and this user may not install it.",
    "Run: sudo apt-get update && sudo apt-get install -y sumo sumo-tools",
  );
}
