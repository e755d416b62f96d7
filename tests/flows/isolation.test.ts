import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Operation } from "@/lib/api/operation";
import { OPERATIONS } from "@/lib/api/registry";
import { type ApiClient, apiClient, type Call } from "@/tests/support/api";
import { waitForJob } from "@/tests/support/flow";
import { createTenantWithKey, type Portal, startPortal } from "@/tests/support/portal";
import { tinyScenario, zipOf } from "@/tests/support/scenario";

const MISSING: Readonly<Record<string, string>> = {
  job_id: "01900000-0000-7000-8000-000000000000",
  scenario_id: "01900000-0000-7000-8000-000000000000",
  upload_id: "01900000-0000-7000-8000-000000000000",
  key_id: "aaaaaaaa",
  path: "statistics.xml",
};

/** What an operation needs beside its path, so that only the id can be wrong. */
const INPUT: Readonly<Record<string, Call>> = {
  patchUpload: {
    raw: "x",
    headers: { "upload-offset": "0", "content-type": "application/octet-stream" },
  },
  putUploadContent: { raw: "x", headers: { "content-type": "application/zip" } },
};

const tenantOperations = OPERATIONS.filter(({ access }) => access === "tenant");
const withId = tenantOperations.filter(({ path }) => path.includes("{"));
const guarded = OPERATIONS.filter(({ access }) => access !== "public");
const ofAdmin = OPERATIONS.filter(({ access }) => access === "admin");

let portal: Portal;
let owner: ApiClient;
let stranger: ApiClient;
let strangerKey: string;
/** Ids of things that the owner has. */
let owned: Record<string, string>;

beforeAll(async () => {
  portal = await startPortal();
  const ownerKey = await createTenantWithKey(portal, "owner");
  strangerKey = await createTenantWithKey(portal, "stranger");
  owner = apiClient(portal.url, { key: ownerKey });
  stranger = apiClient(portal.url, { key: strangerKey });
  owned = await makeOwned(owner);
}, 300_000);
afterAll(() => portal?.stop());

async function makeOwned(api: ApiClient): Promise<Record<string, string>> {
  const zip = await readFile(await zipOf(await tinyScenario({ endSeconds: 60 })));
  const form = new FormData();
  form.set("scenario_id", "secret plan");
  form.set("cpu_request", "1");
  form.set("memory_gi", "1");
  form.set("sumo_files", new Blob([zip], { type: "application/zip" }), "secret.zip");
  const { body: job } = await api.call("submitJob", { form });
  const { job_id, scenario } = job as { job_id: string; scenario: string };
  await waitForJob(api, job_id);
  const upload = await api.call("createUpload", {
    body: { file_name: "secret.zip", size_bytes: 1 },
  });
  expect(upload).toMatchObject({ status: 201 });
  const key = await api.call("createKey", { body: { name: "secret key" } });
  const { body: results } = await api.call("listResults", { params: { job_id } });
  const { files } = results as { files: { path: string }[] };
  const found = {
    job_id,
    scenario_id: scenario,
    upload_id: (upload.body as { upload_id?: string }).upload_id ?? "",
    key_id: (key.body as { key_id?: string }).key_id ?? "",
    path: files[0]?.path ?? "",
  };
  expect(Object.entries(found).filter(([, id]) => !id)).toEqual([]);
  return found;
}

function paramsOf(
  { path }: Operation,
  from: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return Object.fromEntries(names.map((name) => [name, from[name] ?? "x"]));
}

/** What a caller learns from an answer: all but the request's own id, and the id that was asked for. */
async function learn(api: ApiClient, operation: Operation, ids: Readonly<Record<string, string>>) {
  const params = paramsOf(operation, ids);
  const { status, body, headers } = await api.call(operation.id, {
    ...INPUT[operation.id],
    params,
  });
  const text = Object.values(params).reduce(
    (all, id) => all.replaceAll(id, "ID"),
    JSON.stringify({ ...(body as object | null), request_id: "" }),
  );
  return { status, text, type: headers.get("content-type"), names: [...headers.keys()].toSorted() };
}

describe("another tenant's thing answers exactly as one that does not exist", () => {
  test.each(withId)("$method $path", async (operation) => {
    expect(paramsOf(operation, owned)).not.toEqual(paramsOf(operation, MISSING));
    const missing = await learn(stranger, operation, MISSING);
    expect(missing.status).toBe(404);
    expect(await learn(stranger, operation, owned)).toEqual(missing);
  });

  test("when it is named in a body", async () => {
    const submit = async (scenario: string | undefined) => {
      const body = { scenario, scenario_id: "theft", cpu_request: 1, memory_gi: 1 };
      const answer = await stranger.call("submitJob", { body });
      const text = JSON.stringify({ ...(answer.body as object), request_id: "" });
      return { status: answer.status, text: text.replaceAll(scenario ?? "", "ID") };
    };
    const missing = await submit(MISSING.scenario_id);
    expect(missing.status).toBe(404);
    expect(await submit(owned.scenario_id)).toEqual(missing);
  });

  test("and stays as it was", async () => {
    const { job_id = "", scenario_id = "", upload_id = "" } = owned;
    expect((await owner.call("getJob", { params: { job_id } })).body).toMatchObject({
      status: "SUCCEEDED",
    });
    expect((await owner.call("getScenario", { params: { scenario_id } })).status).toBe(200);
    expect((await owner.call("headUpload", { params: { upload_id } })).status).toBe(200);
    const { body } = await owner.call("listKeys");
    expect(JSON.stringify(body)).toContain(owned.key_id);
  });
});

describe("lists and figures", () => {
  const lists = tenantOperations.filter(
    ({ method, path }) => method === "GET" && !path.includes("{"),
  );

  test.each(lists)("$method $path has nothing of another tenant", async ({ id }) => {
    const { status, body } = await stranger.call(id);
    expect(status).toBe(200);
    const text = JSON.stringify(body);
    for (const secret of ["secret", "owner", ...Object.values(owned)]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe("administration", () => {
  test.each(ofAdmin)("$method $path is refused to a tenant's key", async (operation) => {
    const params = paramsOf(operation, { ...owned, tenant_id: "owner" });
    const disguised = apiClient(portal.url, { adminKey: strangerKey });
    for (const api of [stranger, disguised]) {
      expect((await api.call(operation.id, { params })).status).toBe(403);
    }
  });
});

describe("without a valid key", () => {
  const wrong = `sumo_aaaaaaaa_${"x".repeat(43)}`;
  const callers = [
    {},
    { key: wrong },
    { key: "guess" },
    { adminKey: wrong },
    { adminKey: "guess" },
  ];

  test.each(guarded)("$method $path answers 401", async (operation) => {
    const params = paramsOf(operation, { ...owned, tenant_id: "owner" });
    for (const caller of callers) {
      const answer = await apiClient(portal.url, caller).call(operation.id, { params });
      expect(answer.status).toBe(401);
    }
  });
});
