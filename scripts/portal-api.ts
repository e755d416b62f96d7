import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { JobView } from "@/lib/jobs/view";

const TIMEOUT_MS = 60_000;

/** Where a portal is and what opens its administration. */
export type PortalAccess = { readonly url: string; readonly adminKey: string };

const WithKey = z.object({ api_key: z.string() });
const Submitted = z.object({ job_id: z.string(), status: z.string() });
export type Submitted = z.infer<typeof Submitted>;

type Call = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
};

/** One call to the public API; an answer that is no success is an Error with the portal's own sentence. */
export async function callPortal(url: string, call: Call = {}): Promise<unknown> {
  const response = await fetch(url, { ...call, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await response.text();
  if (!response.ok) {
    const path = new URL(url).pathname;
    throw new Error(`${call.method ?? "GET"} ${path} answered ${response.status}: ${text}`);
  }
  return text === "" ? undefined : JSON.parse(text);
}

function asAdmin(adminKey: string, body: unknown): Call {
  return {
    method: "POST",
    headers: { "x-admin-key": adminKey, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** Creates a tenant, with limits as the API names them; returns its first key. */
export async function createTenant(
  { url, adminKey }: PortalAccess,
  tenantId: string,
  limits: Readonly<Record<string, number>> = {},
): Promise<string> {
  const call = asAdmin(adminKey, { tenant_id: tenantId, ...limits });
  return WithKey.parse(await callPortal(`${url}/api/admin/tenants`, call)).api_key;
}

/** One more key for a tenant that exists. */
export async function createKey(
  { url, adminKey }: PortalAccess,
  tenantId: string,
  name: string,
): Promise<string> {
  const path = `${url}/api/admin/tenants/${tenantId}/keys`;
  return WithKey.parse(await callPortal(path, asAdmin(adminKey, { name }))).api_key;
}

/** Submits a zip by its path, with the multipart call that a script would make. */
export async function submitArchive(
  url: string,
  key: string,
  path: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Submitted> {
  const form = new FormData();
  const values = { scenario_id: "example", cpu_request: "1", memory_gi: "1", ...fields };
  for (const [name, value] of Object.entries(values)) form.set(name, value);
  const file = new Blob([await readFile(path)], { type: "application/zip" });
  form.set("sumo_files", file, basename(path));
  const headers = { authorization: `Bearer ${key}` };
  return Submitted.parse(
    await callPortal(`${url}/api/jobs`, { method: "POST", headers, body: form }),
  );
}

export async function getJob(url: string, key: string, jobId: string): Promise<JobView> {
  const headers = { authorization: `Bearer ${key}` };
  return JobView.parse(await callPortal(`${url}/api/jobs/${jobId}`, { headers }));
}
