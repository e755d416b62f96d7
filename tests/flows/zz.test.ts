import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "vitest";
import { createTenantWithKey, startPortal } from "@/tests/support/portal";
import { makeZip } from "@/tests/support/zip";
test("t", async () => {
  const portal = await startPortal();
  const key = await createTenantWithKey(portal, "u", { maxStorageMib: 8000 });
  const cpu = async () => { const s = (await readFile(`/proc/${portal.pid}/stat`, "utf8")).split(" "); return (Number(s[13]) + Number(s[14])) / 100; };
  const mem = async () => (await readFile(`/proc/${portal.pid}/status`, "utf8")).match(/Vm(RSS|HWM):.*/g)!.join(" ");
  const archive = makeZip([{ name: "a.sumocfg", content: "<c/>" }, { name: "f", content: randomBytes(200 * 2 ** 20), method: 0 }]);
  for (let i = 0; i < 2; i++) {
    const c = await cpu(); const t = performance.now(); const m = await mem();
    const r = await fetch(`${portal.url}/api/scenarios`, { method: "PUT", headers: { authorization: `Bearer ${key}` }, body: archive as never });
    console.log(r.status, (await r.text()).slice(0, 60), ((performance.now() - t) / 1000).toFixed(2), "s cpu", ((await cpu()) - c).toFixed(2), m, "->", await mem());
  }
  {
    const form = new FormData(); form.set("scenario_id", "x"); form.set("cpu_request", "1"); form.set("memory_gi", "1"); form.set("sumo_files", new Blob([archive as never]), "a.zip");
    const c = await cpu(); const t = performance.now();
    const r = await fetch(`${portal.url}/api/jobs`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body: form });
    console.log(r.status, (await r.text()).slice(0, 60), ((performance.now() - t) / 1000).toFixed(2), "s cpu", ((await cpu()) - c).toFixed(2), await mem());
  }
  await portal.stop();
}, 300000);
