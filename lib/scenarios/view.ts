import type { Scenario, ScenarioConfig, Upload } from "@/lib/db/schema/scenarios";

/** `scenario` on the wire is the uploaded scenario's id; `scenario_id` is a job's own name, as ever. */
export function toScenarioView(scenario: Scenario) {
  return {
    scenario: scenario.id,
    file_name: scenario.fileName,
    sha256: scenario.archiveSha256,
    size_bytes: scenario.archiveBytes,
    unpacked_bytes: scenario.unpackedBytes,
    file_count: scenario.fileCount,
    kept: scenario.kept,
    created_at: scenario.createdAt.toISOString(),
    configs: scenario.configs.map(toConfigView),
    findings: scenario.findings,
  };
}

function toConfigView({ path, inputs, faults }: ScenarioConfig) {
  return { config_file: path, usable: faults.length === 0, inputs, faults };
}

export function toUploadView(upload: Upload, offset: number) {
  return {
    upload_id: upload.id,
    file_name: upload.fileName,
    size_bytes: upload.sizeBytes,
    offset,
    created_at: upload.createdAt.toISOString(),
  };
}
