import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, apiClient } from "@/tests/support/api";
import { createTenantWithKey, type Portal, startPortal } from "@/tests/support/portal";

const METRICS_TOKEN = "token-of-the-metrics";
let portal: Portal;
let admin: ApiClient;

beforeAll(async () => {
  portal = await startPortal();
  admin = apiClient(portal.url, { adminKey: portal.adminKey });
}, 300_000);
afterAll(() => portal?.stop());

describe("a tenant's life", () => {
  const params = { tenant_id: "life" };

  test("goes from creation over limits and suspension to removal", async () => {
    const body = { tenant_id: "life", max_cpu: 3, max_memory_gi: 1.5 };
    expect(await admin.call("createTenant", { body })).toMatchObject({
      status: 201,
      body: { max_cpu: 3, max_memory_gi: 1.5, status: "active" },
    });
    expect((await admin.call("createTenant", { body })).status).toBe(409);
    const changed = await admin.call("updateTenant", { params, body: { max_cpu: 5 } });
    expect(changed.body).toMatchObject({ max_cpu: 5, max_memory_gi: 1.5 });
    const misspelt = await admin.call("updateTenant", { params, body: { max_cpus: 5 } });
    expect(misspelt).toMatchObject({ status: 422 });
    expect((await admin.call("suspendTenant", { params })).body).toMatchObject({
      status: "suspended",
    });
    expect((await admin.call("resumeTenant", { params })).body).toMatchObject({ status: "active" });
    expect((await admin.call("getTenant", { params })).body).toMatchObject({
      usage: { active_jobs: 0, queued_jobs: 0 },
    });
    expect((await admin.call("deleteTenant", { params })).status).toBe(204);
    expect((await admin.call("getTenant", { params })).status).toBe(404);
    const { body: record } = await admin.call("getActivity", { query: { tenant: "life" } });
    const actions = (record as { entries: { action: string }[] }).entries.map((e) => e.action);
    expect(actions).toEqual([
      "tenant.removed",
      "tenant.resumed",
      "tenant.suspended",
      "tenant.limits",
      "key.created",
      "tenant.created",
    ]);
  });

  test("names every wrong field at once", async () => {
    const { status, body } = await admin.call("createTenant", {
      body: { tenant_id: "no spaces", max_cpu: 0, max_run_seconds: "long" },
    });
    expect(status).toBe(422);
    const { errors } = body as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field)).toEqual(["tenant_id", "max_cpu", "max_run_seconds"]);
  });

  test("lists by pages", async () => {
    for (const id of ["page-1", "page-2", "page-3"]) await createTenantWithKey(portal, id);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: Record<string, string> = { limit: "2", ...(cursor && { cursor }) };
      const { body } = await admin.call("listTenants", { query });
      const page = body as { tenants: { tenant_id: string }[]; next_cursor: string | null };
      seen.push(...page.tenants.map(({ tenant_id }) => tenant_id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual([...new Set(seen)].toSorted());
    expect(seen).toEqual(expect.arrayContaining(["page-1", "page-2", "page-3"]));
  });
});

describe("keys", () => {
  test("are made, listed without their secret, used, and end at once", async () => {
    const api = apiClient(portal.url, { key: await createTenantWithKey(portal, "keys") });
    const expires_at = new Date(Date.now() + 86_400_000).toISOString();
    const { body } = await api.call("createKey", {
      body: { name: "night runs", scopes: ["jobs:read"], expires_at },
    });
    const made = body as { api_key: string; key_id: string; curl: string };
    expect(made.curl).toBe(
      `curl -H 'Authorization: Bearer ${made.api_key}' ${portal.url}/api/jobs`,
    );
    const reader = apiClient(portal.url, { key: made.api_key });
    expect((await reader.call("listJobs")).status).toBe(200);
    expect((await reader.call("listKeys")).status).toBe(403);
    const { body: list } = await api.call("listKeys");
    expect(JSON.stringify(list)).not.toContain(made.api_key.slice(14));
    const { keys } = list as { keys: Record<string, unknown>[] };
    expect(keys[0]).toMatchObject({ name: "night runs", expires_at, scopes: ["jobs:read"] });
    expect(keys[0]?.last_used_at).not.toBeNull();
    expect((await api.call("revokeKey", { params: { key_id: made.key_id } })).status).toBe(204);
    expect((await reader.call("listJobs")).status).toBe(401);
  });

  test("cannot be made to expire in the past", async () => {
    const api = apiClient(portal.url, { key: await createTenantWithKey(portal, "past") });
    const body = { name: "old", expires_at: "2020-01-01T00:00:00Z" };
    expect((await api.call("createKey", { body })).status).toBe(422);
  });

  test("of administrators administer, and belong to no tenant", async () => {
    const { body } = await admin.call("createAdminKey", { body: { name: "ops" } });
    const { api_key, key_id } = body as { api_key: string; key_id: string };
    const ops = apiClient(portal.url, { adminKey: api_key });
    expect((await ops.call("getCluster")).status).toBe(200);
    expect((await apiClient(portal.url, { key: api_key }).call("listJobs")).status).toBe(401);
    await admin.call("revokeAdminKey", { params: { key_id } });
    expect((await ops.call("getCluster")).status).toBe(401);
  });

  test("of a tenant can be listed, made and revoked by an administrator", async () => {
    await createTenantWithKey(portal, "helped");
    const params = { tenant_id: "helped" };
    const { body } = await admin.call("createTenantKey", {
      params,
      body: { name: "lost the first" },
    });
    const { api_key, key_id } = body as { api_key: string; key_id: string };
    const api = apiClient(portal.url, { key: api_key });
    expect((await api.call("listKeys")).status).toBe(200);
    const { body: list } = await admin.call("listTenantKeys", { params });
    expect((list as { keys: unknown[] }).keys).toHaveLength(2);
    await admin.call("revokeTenantKey", { params: { ...params, key_id } });
    expect((await api.call("listKeys")).status).toBe(401);
  });
});

describe("paths and methods", () => {
  test("that do not exist are refused in words, with a request id", async () => {
    for (const [method, path, status] of [
      ["GET", "/api/nothing/here", 404],
      ["POST", "/api", 404],
      ["PUT", "/api/keys", 405],
      ["DELETE", "/health", 405],
    ] as const) {
      const response = await fetch(`${portal.url}${path}`, { method });
      expect({ path, status: response.status }).toEqual({ path, status });
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(await response.json()).toMatchObject({ status, request_id: expect.any(String) });
    }
    const refused = await fetch(`${portal.url}/api/keys`, { method: "PUT" });
    expect(refused.headers.get("allow")).toBe("GET, HEAD, POST");
  });

  test("of the first generation are pages for who sends no key", async () => {
    for (const path of ["/jobs", "/admin/cluster", "/tenants/me/dashboard"]) {
      const response = await fetch(`${portal.url}${path}`);
      expect(response.headers.get("content-type")).toContain("text/html");
    }
    const headers = { "x-admin-key": portal.adminKey };
    const listed = await fetch(`${portal.url}/admin/jobs?status=NONE`, { headers });
    expect(listed.status).toBe(422);
  });

  test("keep the caller's request id when it is harmless, and make one when it is not", async () => {
    const idOf = async (given: string) =>
      (await fetch(`${portal.url}/health`, { headers: { "x-request-id": given } })).headers.get(
        "x-request-id",
      );
    expect(await idOf("trace-42")).toBe("trace-42");
    expect(await idOf("a b<script>")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("figures and limits", () => {
  test("are given to this machine only, whatever the caller claims to be", async () => {
    const own = await apiClient(portal.url).call("getMetrics");
    expect(own.body).toContain("sumo_k8_request_duration_seconds");
    const claimed = { "x-forwarded-for": "192.0.2.7" };
    expect((await apiClient(portal.url).call("getMetrics", { headers: claimed })).status).toBe(200);
  });

  test("hold behind a proxy and with a token; requests above the rate are told when to come again", async () => {
    const env = { METRICS_TOKEN, TRUSTED_PROXY_HOPS: "1", RATE_LIMIT_PER_MINUTE: "20" };
    const strict = await startPortal({ env });
    try {
      const anybody = apiClient(strict.url);
      expect((await anybody.call("getMetrics")).status).toBe(401);
      const token = apiClient(strict.url, { key: METRICS_TOKEN });
      expect((await token.call("getMetrics")).status).toBe(200);

      const key = await createTenantWithKey(strict, "busy");
      const busy = apiClient(strict.url, { key });
      const answers = [];
      for (let n = 0; n < 21; n++) answers.push(await busy.call("listJobs"));
      expect(answers.map(({ status }) => status)).toEqual([...Array<number>(20).fill(200), 429]);
      expect(Number(answers.at(-1)?.headers.get("retry-after"))).toBeGreaterThan(0);

      const from = (address: string) => ({ headers: { "x-forwarded-for": `6.6.6.6, ${address}` } });
      const wrong = apiClient(strict.url, { adminKey: "a guess" });
      expect((await wrong.call("getCluster", from("192.0.2.7"))).status).toBe(401);
      const second = await wrong.call("getCluster", from("192.0.2.7"));
      expect(second.status).toBe(429);
      expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
      const right = apiClient(strict.url, { adminKey: strict.adminKey });
      expect((await right.call("getCluster", from("192.0.2.7"))).status).toBe(429);
      expect((await wrong.call("getCluster", from("192.0.2.8"))).status).toBe(401);
    } finally {
      await strict.stop();
    }
  });
});
