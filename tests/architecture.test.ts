import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";

const VERBS = ["admin", "jobs", "logs", "results", "scenarios", "tenants"].map((x) => `lib/${x}`);
const DATA = ["lib/activity", "lib/db", "lib/domain"];

/** Who may import whom, whole folders or single files. Anything not listed is refused. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  app: [...VERBS, "components", "lib/api", "lib/auth", "lib/domain", "lib/http", "lib/runtime"],
  components: ["lib/domain"],
  "lib/activity": ["lib/db", "lib/domain"],
  "lib/admin": [...DATA, "lib/auth", "lib/execution/backend", "lib/jobs", "lib/runtime"],
  "lib/api": ["lib/domain", ...VERBS],
  "lib/attempts": [
    ...[...DATA, ...VERBS, "lib/http", "lib/runtime", "lib/storage"],
    ...["lib/config", "lib/hub", "lib/log", "lib/metrics", "lib/path-in"],
  ],
  "lib/auth": DATA,
  "lib/config": [],
  "lib/db": ["lib/domain"],
  "lib/domain": [],
  "lib/execution/backend": ["lib/domain"],
  "lib/execution/kubernetes": ["lib/domain", "lib/execution/backend"],
  "lib/execution/local": ["lib/domain", "lib/execution/backend", "lib/path-in"],
  "lib/http": ["lib/api", "lib/auth", "lib/domain", "lib/runtime", "lib/storage"],
  "lib/hub": [],
  "lib/install": ["lib/domain", "lib/execution/kubernetes"],
  "lib/jobs": [
    ...[...DATA, "lib/http", "lib/hub", "lib/runtime", "lib/scenarios", "lib/storage", "lib/sumo"],
    "lib/logs",
  ],
  "lib/log": [],
  "lib/logs": [...DATA, "lib/http", "lib/hub", "lib/jobs", "lib/log", "lib/runtime", "lib/storage"],
  "lib/metrics": [],
  "lib/path-in": [],
  "lib/reconciler": [
    ...[...DATA, "lib/attempts", "lib/execution/backend", "lib/jobs", "lib/logs", "lib/runtime"],
    ...["lib/hub", "lib/log", "lib/metrics", "lib/results", "lib/scenarios", "lib/storage"],
  ],
  "lib/results": [...DATA, "lib/http", "lib/jobs", "lib/runtime", "lib/storage", "lib/sumo"],
  "lib/scenarios": [...DATA, "lib/http", "lib/runtime", "lib/storage", "lib/sumo"],
  "lib/storage": ["lib/domain", "lib/path-in"],
  "lib/sumo": ["lib/domain"],
  "lib/tenants": [...DATA, "lib/auth", "lib/config", "lib/runtime", "lib/storage"],
  runner: ["lib/domain", "lib/execution/local", "lib/path-in", "lib/sumo"],
};

/** The composition root and the start of the process know everybody. */
const ROOTS = ["lib/boot.ts", "lib/runtime.ts"];

/** Which files may use something from outside; nobody else does. */
const ONLY_IN: readonly { what: RegExp; where: RegExp }[] = [
  {
    what: /\bprocess\.env\b/,
    where: /^(lib\/config\/env|lib\/runtime|runner\/main|instrumentation)\.ts$/,
  },
  { what: /from "drizzle-orm/, where: /^lib\/(db\/|.*\bstore\.ts$)/ },
  { what: /from "postgres"/, where: /^lib\/(db\/|.*\bstore\.ts$)/ },
  { what: /from "@kubernetes\//, where: /^lib\/(execution\/kubernetes|install)\// },
  { what: /from "(next|react)[/"]/, where: /^(app|components)\/|^lib\/(auth|http)\/|^proxy\.ts$/ },
  { what: /from "prom-client"/, where: /^lib\/metrics\.ts$/ },
  { what: /from "pino"/, where: /^lib\/log\.ts$/ },
];

const files = globSync([
  "{app,components,lib,runner}/**/*.{ts,tsx}",
  "{proxy,instrumentation}.ts",
]).filter((file) => !file.includes(".test."));
const layered = files.filter((file) => file.includes("/") && !ROOTS.includes(file));

describe("layers", () => {
  test.each(layered)("%s imports only what its layer may", (file) => {
    const layer = layerOf(file);
    const allowed = [layer, ...(MAY_IMPORT[layer] ?? [])];
    const refused = importsOf(file).filter(
      (target) => !allowed.some((one) => isInside(target, one)),
    );
    expect(refused).toEqual([]);
  });

  test.each(layered)("%s belongs to a layer", (file) => {
    expect(Object.keys(MAY_IMPORT)).toContain(layerOf(file));
  });
});

describe.each(ONLY_IN)("$what", ({ what, where }) => {
  test(`stands only in ${where}`, () => {
    const users = files.filter((file) => what.test(readFileSync(file, "utf8")));
    expect(users.filter((file) => !where.test(file))).toEqual([]);
  });
});

function layerOf(file: string): string {
  const name = file.replace(/\.tsx?$/, "");
  return Object.keys(MAY_IMPORT).find((layer) => isInside(name, layer)) ?? name;
}

function importsOf(file: string): string[] {
  const specifiers = readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...specifiers].flatMap(([, specifier = ""]) => {
    if (specifier.startsWith("@/")) return [specifier.slice(2)];
    if (specifier.startsWith(".")) return [posix.join(posix.dirname(file), specifier)];
    return [];
  });
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
