import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashKey } from "@/lib/auth/api-key";
import { createOwnKey, issueKey, regenerateKeys, revokeKey } from "@/lib/auth/keys";
import { requireAdmin, requireTenant } from "@/lib/auth/principal";
import { listKeys } from "@/lib/auth/store";
import { parseEnv } from "@/lib/config/env";
import { activity } from "@/lib/db/schema";
import { type AdminScope, TENANT_SCOPES, type TenantId } from "@/lib/domain/tenant";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { resumeTenant, suspendTenant, updateTenantLimits } from "./change";
import { createTenant } from "./create";
import { defaultLimits } from "./limits";
import { getTenant } from "./store";

const admin = { actor: "admin:test" } as AdminScope;
const limits = defaultLimits(
  parseEnv({ DATABASE_URL: "postgres://localhost/x", TENANT_MAX_CPU: "6" }),
);
const NOW = new Date("2026-03-01T10:00:00Z");
let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

function bearer(key: string): Headers {
  return new Headers({ authorization: `Bearer ${key}` });
}

async function newTenant(name: string) {
  const tenantId = name as TenantId;
  return createTenant(database.db, admin, { tenantId, limits });
}

describe("a tenant", () => {
  test("gets the environment's limits, a namespace, and a key that works", async () => {
    const { tenant, key } = await newTenant("first");
    expect(tenant).toMatchObject({ id: "first", maxCpu: 6, suspendedAt: null, storedBytes: 0 });
    const scope = await requireTenant(database, bearer(key.secret), "tenant:manage");
    expect(scope).toMatchObject({ tenantId: "first", actor: `key:${key.row.id}` });
  });

  test("that exists is not made again, and its key stays", async () => {
    const { key } = await newTenant("twice");
    await expect(newTenant("twice")).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(requireTenant(database, bearer(key.secret), "jobs:read")).resolves.toBeDefined();
  });

  test("made by several administrators at once is made once", async () => {
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => newTenant("race")));
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await listKeys(database.db, "race" as TenantId)).toHaveLength(1);
  });

  test("keeps the limits that a change does not name", async () => {
    await newTenant("limits");
    const changed = await updateTenantLimits(database.db, admin, "limits" as TenantId, {
      max_memory_gi: 2.5,
    });
    expect(changed).toMatchObject({ maxMemoryMib: 2_560, maxCpu: 6, maxConcurrentJobs: 4 });
  });

  test("can be suspended and resumed, repeatedly, with one record each", async () => {
    const { tenant } = await newTenant("pause");
    const id = tenant.id as TenantId;
    await suspendTenant(database.db, admin, id, NOW);
    await suspendTenant(database.db, admin, id, new Date());
    expect((await getTenant(database.db, id)).suspendedAt).toEqual(NOW);
    await resumeTenant(database.db, admin, id, NOW);
    await resumeTenant(database.db, admin, id, NOW);
    expect((await getTenant(database.db, id)).suspendedAt).toBeNull();
    const rows = await database.db.select().from(activity);
    const actions = rows.filter((row) => row.tenantId === "pause").map(({ action }) => action);
    expect(actions).toEqual([
      "tenant.created",
      "key.created",
      "tenant.suspended",
      "tenant.resumed",
    ]);
  });

  test("that is not there is NOT_FOUND for every change", async () => {
    const nobody = "nobody" as TenantId;
    await expect(getTenant(database.db, nobody)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const changes = [
      () => updateTenantLimits(database.db, admin, nobody, {}),
      () => suspendTenant(database.db, admin, nobody, NOW),
      () => resumeTenant(database.db, admin, nobody, NOW),
    ];
    for (const change of changes)
      await expect(change()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a key", () => {
  test("is stored as a hash only", async () => {
    const { key } = await newTenant("hash");
    const rows =
      await database.sql`select to_jsonb(k)::text as row from api_keys k where tenant_id = 'hash'`;
    expect(rows[0]?.row).toContain(hashKey(key.secret));
    const logged = await database.sql`select to_jsonb(a)::text as row from activity a`;
    const all = [...rows, ...logged].map(({ row }) => String(row)).join("\n");
    expect(all).not.toContain(key.secret.slice(14));
  });

  test("gives no more than the key that made it, and never admin", async () => {
    const { key } = await newTenant("scopes");
    const scope = await requireTenant(database, bearer(key.secret), "tenant:manage");
    const made = await createOwnKey(database.db, scope, { name: "reader", scopes: ["jobs:read"] });
    await expect(requireTenant(database, bearer(made.secret), "jobs:write")).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await expect(
      createOwnKey(database.db, scope, { name: "root", scopes: ["admin"] }),
    ).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(requireAdmin(database, bearer(key.secret), "x".repeat(20))).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });

  test("stops at once when revoked, and past its expiry", async () => {
    const { key } = await newTenant("revoke");
    const scope = await requireTenant(database, bearer(key.secret), "tenant:manage");
    const expiresAt = new Date(Date.now() - 1);
    const old = await createOwnKey(database.db, scope, { name: "old", expiresAt });
    await revokeKey(database.db, scope.actor, { tenantId: scope.tenantId, keyId: key.row.id });
    for (const { secret } of [key, old]) {
      await expect(requireTenant(database, bearer(secret), "jobs:read")).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
      });
    }
  });

  test("of another tenant cannot be revoked, and reads as one that is not there", async () => {
    const { key } = await newTenant("victim");
    await newTenant("intruder");
    const tenantId = "intruder" as TenantId;
    const attempt = (keyId: string) => revokeKey(database.db, "key:x", { tenantId, keyId });
    const refusals = await Promise.allSettled([attempt(key.row.id), attempt("aaaaaaaa")]);
    const [foreign, missing] = refusals.map((r) =>
      r.status === "rejected" ? r.reason.message : "done",
    );
    expect(foreign).toBe("Key not found.");
    expect(foreign).toBe(missing);
    await expect(requireTenant(database, bearer(key.secret), "jobs:read")).resolves.toBeDefined();
  });

  test("made anew ends all the tenant's older keys", async () => {
    const { key } = await newTenant("anew");
    const tenantId = "anew" as TenantId;
    const wish = { tenantId, name: "regenerated", scopes: TENANT_SCOPES };
    const fresh = await regenerateKeys(database.db, admin.actor, wish);
    await expect(requireTenant(database, bearer(key.secret), "jobs:read")).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
    await expect(requireTenant(database, bearer(fresh.secret), "jobs:read")).resolves.toBeDefined();
  });
});

describe("the administrator", () => {
  test("is known by ADMIN_KEY or by a key with the scope admin, in either header", async () => {
    const wish = { tenantId: null, name: "ops", scopes: ["admin"] } as const;
    const { secret } = await database.db.transaction((tx) => issueKey(tx, admin.actor, wish));
    const adminKey = "an-admin-key-of-20-c";
    for (const given of [secret, adminKey]) {
      const headers = new Headers({ "x-admin-key": given });
      await expect(requireAdmin(database, headers, adminKey)).resolves.toBeDefined();
      await expect(requireAdmin(database, bearer(given), adminKey)).resolves.toBeDefined();
    }
    await expect(requireTenant(database, bearer(secret), "jobs:read")).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
  });

  test("without a configured key hears so, and a wrong key is refused", async () => {
    const headers = new Headers({ "x-admin-key": "guess" });
    await expect(requireAdmin(database, headers, undefined)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("Admin key not configured"),
    });
    await expect(requireAdmin(database, headers, "another-key-16-chars")).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
  });
});
