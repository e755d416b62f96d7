import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseConfig } from "@/lib/scenarios/choose-config";
import { ingestArchive } from "@/lib/scenarios/ingest";
import { FileArtifactStore } from "@/lib/storage/file-store";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { insertTenant } from "@/tests/support/tenant";

/** Uploads of real users, outside the project; its README says what each is. */
const FOLDER = join(import.meta.dirname, "../../../shared/scenarios");

describe.runIf(existsSync(FOLDER))("real uploads (not found beside the project: not run)", () => {
  let database: TestDatabase;
  let dir: string;
  beforeAll(async () => {
    database = await openTestDatabase();
    dir = await mkdtemp(join(tmpdir(), "sumo-k8-real-"));
  });
  afterAll(async () => {
    await database.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function ingest(name: string) {
    const path = join(FOLDER, name);
    const content = await readFile(path);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const scope = await insertTenant(database, name.replace(/\W/g, "-").toLowerCase());
    const archive = { path, fileName: name, sizeBytes: content.length, sha256 };
    return ingestArchive({ database, store: new FileArtifactStore(dir) }, scope, archive, {
      kept: false,
    });
  }

  test("bologna-acosta is accepted with run.sumocfg and its seven inputs", async () => {
    const config = chooseConfig(await ingest("bologna-acosta.zip"), undefined);
    expect(config.path).toBe("run.sumocfg");
    expect(config.inputs).toHaveLength(7);
  });

  test("Doerpfeldstr: none chosen is refused with the list, and each of the six names the network that is missing", async () => {
    const scenario = await ingest("Doerpfeldstr.zip");
    expect(scenario.configs).toHaveLength(6);
    expect(() => chooseConfig(scenario, undefined)).toThrow(
      /choose one with config_file: all_modes\.sumocfg.*net\.net\.xml\.gz/,
    );
    for (const { path } of scenario.configs) {
      expect(() => chooseConfig(scenario, path)).toThrow(
        /line \d+: net-file names net\.net\.xml\.gz, which is not in the archive/,
      );
    }
  });

  test("cross is refused with what to do: a .sumocfg made of the files found", async () => {
    const scenario = await ingest("cross.zip");
    expect(() => chooseConfig(scenario, undefined)).toThrow(
      /has no \.sumocfg file.*<net-file value="cross\.net\.xml"\/><route-files value="cross\.rou\.xml"\/>/,
    );
  });
});
