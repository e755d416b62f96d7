import { execFile } from "node:child_process";
import { chown, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const TIMEOUT_MS = 60_000;
const EVERYBODY_MAY_PASS = 0o001;

/** The user that PostgreSQL runs as: this one, or, since it refuses to run as root, `postgres`. */
export type PostgresOwner = {
  own(path: string): Promise<void>;
  run(program: string, args: readonly string[]): Promise<void>;
};

/** `paths` are what the user must reach: the programs and the data. */
export async function postgresOwner(paths: readonly string[]): Promise<PostgresOwner> {
  const options = { cwd: tmpdir(), timeout: TIMEOUT_MS };
  if (process.getuid?.() !== 0) {
    return {
      own: async () => undefined,
      run: async (program, args) => void (await execute(program, args, options)),
    };
  }
  await execute("id", ["postgres"]).catch(() =>
    execute("useradd", ["--system", "--user-group", "postgres"]),
  );
  const id = async (flag: string) => Number((await execute("id", [flag, "postgres"])).stdout);
  const [uid, gid] = [await id("-u"), await id("-g")];
  const isOpen = (await Promise.all(paths.map(isReachable))).every(Boolean);
  return {
    own: (path) => chown(path, uid, gid),
    async run(program, args) {
      if (isOpen) await execute(program, args, { ...options, uid, gid });
      else await execute("setpriv", [...throughClosedFolders(uid, gid), program, ...args], options);
    },
  };
}

/**
 * Below a folder such as /root the user `postgres` gets the one right to pass and read, still
 * not being root: https://man7.org/linux/man-pages/man1/setpriv.1.html
 */
function throughClosedFolders(uid: number, gid: number): readonly string[] {
  const user = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  const right = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];
  // access(2) drops the right without it.
  return [...user, "--securebits=+no_setuid_fixup", ...right, "--"];
}

async function isReachable(path: string): Promise<boolean> {
  const folder = dirname(path);
  if (folder === path) return true;
  const { mode } = await stat(folder);
  return (mode & EVERYBODY_MAY_PASS) !== 0 && isReachable(folder);
}
