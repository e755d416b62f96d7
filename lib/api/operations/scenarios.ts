import { z } from "zod";
import { defineOperation } from "@/lib/api/operation";
import { Instant, Limit } from "@/lib/api/schemas";

const Finding = z.object({
  file: z.string().optional(),
  line: z.int().optional(),
  message: z.string(),
});

export const ScenarioView = z
  .object({
    scenario: z.uuid().describe("Its id; give it as `scenario` when you submit a job."),
    file_name: z.string(),
    sha256: z.string().describe("Of the archive. The same archive is the same scenario."),
    size_bytes: z.int().describe("Of the archive."),
    unpacked_bytes: z.int(),
    file_count: z.int(),
    kept: z.boolean().describe("False: it came with a job and goes with its last job."),
    created_at: Instant,
    configs: z.array(
      z.object({
        config_file: z.string(),
        usable: z.boolean(),
        inputs: z.array(z.string()),
        faults: z.array(Finding).describe("Why it cannot run: missing inputs and the like."),
      }),
    ),
    findings: z.array(Finding).describe("Of the scenario as a whole."),
  })
  .meta({ id: "Scenario" });

const Params = z.object({ scenario_id: z.string() });
const tag = "Scenarios";

export const listScenarios = defineOperation({
  id: "listScenarios",
  method: "GET",
  path: "/api/scenarios",
  tag,
  summary: "List scenarios, newest first",
  access: "tenant",
  scope: "jobs:read",
  query: z.object({
    cursor: z.uuid({ error: "must be next_cursor of an earlier answer" }).optional(),
    limit: Limit,
  }),
  responses: {
    200: {
      description: "A page of scenarios.",
      schema: z.object({ scenarios: z.array(ScenarioView), next_cursor: z.uuid().nullable() }),
    },
  },
  errors: ["INVALID_INPUT"],
});

export const putScenario = defineOperation({
  id: "putScenario",
  method: "PUT",
  path: "/api/scenarios",
  tag,
  summary: "Upload a scenario's zip in one call",
  description:
    "The body is the archive itself: `curl -T town.zip '.../api/scenarios?file_name=town.zip'`.",
  access: "tenant",
  scope: "jobs:write",
  query: z.object({ file_name: z.string().min(1).max(255).optional() }),
  rawBody: { contentType: "application/zip" },
  responses: {
    200: {
      description: "The scenario; of an archive that was there already, the one it is.",
      schema: ScenarioView,
    },
  },
  errors: ["BAD_REQUEST", "TOO_LARGE", "INVALID_INPUT", "STORAGE_FULL"],
});

export const getScenario = defineOperation({
  id: "getScenario",
  method: "GET",
  path: "/api/scenarios/{scenario_id}",
  tag,
  summary: "One scenario, with its configurations and the findings of the check",
  access: "tenant",
  scope: "jobs:read",
  params: Params,
  responses: { 200: { description: "The scenario.", schema: ScenarioView } },
  errors: ["NOT_FOUND"],
});

export const deleteScenario = defineOperation({
  id: "deleteScenario",
  method: "DELETE",
  path: "/api/scenarios/{scenario_id}",
  tag,
  summary: "Delete a scenario that no job uses",
  access: "tenant",
  scope: "jobs:write",
  params: Params,
  responses: { 204: { description: "Deleted; what no other scenario uses is freed." } },
  errors: ["NOT_FOUND", "CONFLICT"],
});
