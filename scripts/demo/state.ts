import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { callPortal, createKey, createTenant, type PortalAccess } from "@/scripts/portal-api";

const TENANTS = ["city-a", "city-b"] as const;
const Keys = z.record(z.string(), z.string());
type Keys = z.infer<typeof Keys>;

/** The administrator's key of the data folder, drawn at the first start; readable by its owner alone. */
export async function adminKeyOf(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const file = join(dataDir, "admin-key");
  const drawn = randomBytes(24).toString("base64url");
  await writeFile(file, drawn, { mode: 0o600, flag: "wx" }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
  return readFile(file, "utf8");
}

/** A working key of each test tenant: the kept one, or a new one where it was revoked or lost. */
export async function tenantKeys(portal: PortalAccess, dataDir: string): Promise<Keys> {
  const file = join(dataDir, "demo-keys.json");
  const kept = await readFile(file, "utf8").then(
    (text) => Keys.parse(JSON.parse(text)),
    () => ({}),
  );
  const keys: Keys = {};
  for (const tenant of TENANTS) keys[tenant] = await workingKey(portal, tenant, kept);
  await writeFile(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  return keys;
}

async function workingKey(portal: PortalAccess, tenant: string, kept: Keys): Promise<string> {
  const key = kept[tenant];
  if (key && (await isAccepted(portal.url, key))) return key;
  const { status } = await fetch(`${portal.url}/api/admin/tenants/${tenant}`, {
    headers: { "x-admin-key": portal.adminKey },
    signal: AbortSignal.timeout(10_000),
  });
  return status === 404 ? createTenant(portal, tenant) : createKey(portal, tenant, "demo");
}

function isAccepted(url: string, key: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${key}` };
  return callPortal(`${url}/api/tenants/me/dashboard`, { headers }).then(
    () => true,
    () => false,
  );
}
