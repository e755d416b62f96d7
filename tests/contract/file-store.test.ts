import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { FileArtifactStore } from "@/lib/storage/file-store";
import { describeArtifactStore } from "./artifact-store";

const dirs: string[] = [];
async function makeDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "sumo-k8-store-"));
  dirs.push(dir);
  return dir;
}
afterAll(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))));

describeArtifactStore("files in a folder", async () => {
  const dir = await makeDir();
  return {
    store: new FileArtifactStore(dir),
    leftovers: async () => {
      const scratch = await readdir(join(dir, ".scratch"), {
        recursive: true,
        withFileTypes: true,
      });
      return scratch.filter((entry) => entry.isFile()).map((entry) => entry.name);
    },
  };
});

const CAN_MOUNT = process.getuid?.() === 0 && tryMount();

function tryMount(): boolean {
  const dir = execFileSync("mktemp", ["-d"], { encoding: "utf8" }).trim();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", dir], { stdio: "ignore" });
    execFileSync("umount", [dir]);
    return true;
  } catch {
    return false;
  } finally {
    execFileSync("rmdir", [dir]);
  }
}

test("a write that finds no space is STORAGE_FULL with a sentence", async () => {
  const dir = await makeDir();
  await mkdir(join(dir, "k"));
  await symlink("/dev/full", join(dir, "k/big"));
  const append = new FileArtifactStore(dir).append("k/big", 0, Buffer.alloc(10));
  await expect(append).rejects.toMatchObject({
    code: "STORAGE_FULL",
    message: expect.stringContaining("disk is full"),
  });
});

test.runIf(CAN_MOUNT)("on a disk that runs full nothing is left behind", async () => {
  const dir = await makeDir();
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", dir]);
  try {
    const store = new FileArtifactStore(dir);
    const big = () => Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(65_536)));
    await expect(store.put("k/big", big())).rejects.toMatchObject({ code: "STORAGE_FULL" });
    expect(await store.stat("k/big")).toBeUndefined();
    expect((await store.put("k/small", Buffer.from("fits"))).sizeBytes).toBe(4);
    await expect(store.append("k/part", 0, big())).rejects.toMatchObject({ code: "STORAGE_FULL" });
  } finally {
    execFileSync("umount", [dir]);
  }
});

test("at start-up only files of processes that are gone are swept", async () => {
  const dir = await makeDir();
  const store = new FileArtifactStore(dir);
  const own = await store.scratchFile();
  await writeFile(own, "in flight");
  const other = spawn("sleep", ["60"]);
  const dead = spawn("true");
  await new Promise((resolve) => dead.once("exit", resolve));
  const folder = (host: string, pid: number | undefined) =>
    join(dir, ".scratch", `${host}.${pid}.1`);
  const folders = {
    alive: folder(hostname(), other.pid),
    dead: folder(hostname(), dead.pid),
    earlier: folder(hostname(), process.pid),
    elsewhere: folder("other-host", 7),
    longGone: folder("other-host", 8),
  };
  for (const path of Object.values(folders)) {
    await mkdir(path);
    await writeFile(join(path, "x"), "x");
  }
  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
  await utimes(folders.longGone, twoDaysAgo, twoDaysAgo);
  await store.recover(new Date());
  other.kill();
  expect(existsSync(own)).toBe(true);
  const left = Object.entries(folders).filter(([, path]) => existsSync(path));
  expect(left.map(([name]) => name)).toEqual(["alive", "elsewhere"]);
});
