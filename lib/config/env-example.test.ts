import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { SETTING_NAMES } from "./env";

test(".env.example documents each setting of the portal, and no other", async () => {
  const text = await readFile(".env.example", "utf8");
  const documented = [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = ""]) => name);
  expect(documented.toSorted()).toEqual([...SETTING_NAMES].toSorted());
});
