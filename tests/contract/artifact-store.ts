import { createHash } from "node:crypto";
import { access, readFile, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { ArtifactStore } from "@/lib/storage/artifact-store";

const text = async (store: ArtifactStore, key: string, range?: { start: number; end: number }) =>
  (await buffer(await store.open(key, range))).toString();
const bytes = (content: string) => Buffer.from(content);

/** What every store of artifacts must do. `leftovers` lists whatever is in flight. */
export function describeArtifactStore(
  name: string,
  make: () => Promise<{ store: ArtifactStore; leftovers: () => Promise<string[]> }>,
): void {
  describe(`${name} as a store`, () => {
    test("what was put is read back, with size and hash, and again by range", async () => {
      const { store } = await make();
      const content = Buffer.alloc(3_000_000, "0123456789");
      const put = await store.put(
        "tenants/a/big",
        Readable.from([content.subarray(0, 7), content.subarray(7)]),
      );
      expect(put).toEqual({
        sizeBytes: 3_000_000,
        sha256: createHash("sha256").update(content).digest("hex"),
      });
      expect((await buffer(await store.open("tenants/a/big"))).equals(content)).toBe(true);
      expect(await text(store, "tenants/a/big", { start: 10, end: 14 })).toBe("01234");
      expect((await store.stat("tenants/a/big"))?.sizeBytes).toBe(3_000_000);
    });

    test("an object is the old one or the new one, and a put that breaks leaves nothing", async () => {
      const { store, leftovers } = await make();
      await store.put("k/one", bytes("old"));
      const broken = Readable.from(
        (async function* () {
          yield bytes("ne");
          expect(await text(store, "k/one")).toBe("old");
          throw new Error("the sender is gone");
        })(),
      );
      await expect(store.put("k/one", broken)).rejects.toThrow("the sender is gone");
      expect(await text(store, "k/one")).toBe("old");
      await store.put("k/one", bytes("new"));
      expect(await text(store, "k/one")).toBe("new");
      expect(await leftovers()).toEqual([]);
    });

    test("parts are appended at the present size only", async () => {
      const { store } = await make();
      expect(await store.append("u/1", 0, bytes("abc"))).toBe(3);
      expect(await store.append("u/1", 3, Readable.from([bytes("de"), bytes("f")]))).toBe(6);
      for (const offset of [0, 3, 7]) {
        await expect(store.append("u/1", offset, bytes("x"))).rejects.toMatchObject({
          code: "CONFLICT",
        });
      }
      await expect(store.append("u/2", 4, bytes("x"))).rejects.toMatchObject({ code: "CONFLICT" });
      expect(await store.stat("u/2")).toBeUndefined();
      expect(await text(store, "u/1")).toBe("abcdef");
    });

    test("what arrived of a broken part stays, and the rest goes on from there", async () => {
      const { store } = await make();
      const broken = Readable.from(
        (async function* () {
          yield bytes("abc");
          throw new Error("the sender is gone");
        })(),
      );
      await expect(store.append("u/3", 0, broken)).rejects.toThrow("the sender is gone");
      expect((await store.stat("u/3"))?.sizeBytes).toBe(3);
      expect(await store.append("u/3", 3, bytes("def"))).toBe(6);
    });

    test("what is absent is not found; removing it is success", async () => {
      const { store } = await make();
      await expect(store.open("no/such")).rejects.toMatchObject({ code: "NOT_FOUND" });
      await expect(store.move("no/such", "no/other")).rejects.toMatchObject({ code: "NOT_FOUND" });
      expect(await store.stat("no/such")).toBeUndefined();
      await store.remove("no/such");
      await store.removeAll("no");
    });

    test("removing takes one object, removeAll a prefix and no neighbour of a similar name", async () => {
      const { store } = await make();
      for (const key of ["j/1/a", "j/1/b/c", "j/10/a", "j/2"]) await store.put(key, bytes(key));
      await store.remove("j/2");
      await store.removeAll("j/1");
      const left = await Promise.all(
        ["j/1/a", "j/1/b/c", "j/10/a", "j/2"].map((key) => store.stat(key)),
      );
      expect(left.map((object) => object !== undefined)).toEqual([false, false, true, false]);
    });

    test("an object moves and replaces; a local file becomes an object", async () => {
      const { store, leftovers } = await make();
      await store.put("m/from", bytes("moved"));
      await store.put("m/deep/to", bytes("old"));
      await store.move("m/from", "m/deep/to");
      expect(await text(store, "m/deep/to")).toBe("moved");
      expect(await store.stat("m/from")).toBeUndefined();
      const local = await store.scratchFile();
      await writeFile(local, "local");
      await store.adopt(local, "m/adopted");
      expect(await text(store, "m/adopted")).toBe("local");
      await expect(access(local)).rejects.toMatchObject({ code: "ENOENT" });
      expect(await leftovers()).toEqual([]);
    });

    test.each([
      "",
      "/etc/passwd",
      "a//b",
      "a/",
      "./a",
      "a/./b",
      "../a",
      "a/../b",
      "a\0b",
      "a/\nb",
      ".scratch/a",
      "x".repeat(256),
      `${"a/".repeat(2_000)}b`,
    ])("a key that is none is refused everywhere (%j)", async (key) => {
      const { store } = await make();
      const refused = { code: "BAD_REQUEST" };
      await expect(store.put(key, bytes("x"))).rejects.toMatchObject(refused);
      await expect(store.append(key, 0, bytes("x"))).rejects.toMatchObject(refused);
      await expect(store.open(key)).rejects.toMatchObject(refused);
      await expect(store.stat(key)).rejects.toMatchObject(refused);
      await expect(store.remove(key)).rejects.toMatchObject(refused);
      await expect(store.removeAll(key)).rejects.toMatchObject(refused);
      await expect(store.move(key, "b")).rejects.toMatchObject(refused);
      await expect(store.adopt("/dev/null", key)).rejects.toMatchObject(refused);
    });

    test("names with spaces, other scripts and leading dots are kept", async () => {
      const { store } = await make();
      for (const key of [
        "Straße 1/knoten é.xml",
        "日本/経路.xml",
        "a/...b",
        "a/.hidden",
        "a/x..y",
        "a/%2e%2e",
      ]) {
        await store.put(key, bytes(key));
        expect(await text(store, key)).toBe(key);
      }
    });

    test("writers and removers of one folder do not trip each other", async () => {
      const { store } = await make();
      await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          await store.put(`busy/${index}`, bytes("x"));
          await store.remove(`busy/${index}`);
        }),
      );
      const local = await store.scratchFile();
      await writeFile(local, "y");
      await store.adopt(local, "busy/last");
      expect(await text(store, "busy/last")).toBe("y");
      expect(await readFile(local).catch(() => "gone")).toBe("gone");
    });
  });
}
