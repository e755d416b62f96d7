import autocannon from "autocannon";
import { submitArchive } from "@/scripts/portal-api";
import { FIELDS, waitForJob } from "./jobs";
import { sendLoad } from "./load";
import { atLeast, atMost, type Bench, note, type Row } from "./part";

const CONNECTIONS = 50;
const SECONDS = 10;

/** Reads of one finished job with 50 connections, against a bare server that reads a row by its key. */
export async function reads(bench: Bench): Promise<readonly Row[]> {
  const floorUrl = await bench.floor();
  const portal = await bench.portal();
  const key = await portal.tenant("bench");
  const { job_id: id } = await submitArchive(portal.url, key, "examples/collisions.zip", FIELDS);
  await waitForJob(portal, key, id);
  const target = {
    url: `${portal.url}/api/jobs/${id}`,
    headers: { authorization: `Bearer ${key}` },
  };
  await run(target, 3);
  const atPortal = await run(target, SECONDS);
  const floorTarget = { url: `${floorUrl}/${await floorRow(floorUrl)}`, headers: {} };
  await run(floorTarget, 1);
  const atFloor = await run(floorTarget, SECONDS);
  const failed = atPortal.errors + atPortal.non2xx + atPortal.timeouts;
  return [
    note("floor: one row by its key, 50 connections", atFloor.requests.average, "/s"),
    note("reads of one job, 50 connections", atPortal.requests.average, "/s"),
    atLeast("reads: ratio to the floor", atPortal.requests.average / atFloor.requests.average, 0.2),
    atMost("reads: 99th percentile", atPortal.latency.p99, 60, " ms"),
    atMost("reads: errors", failed, 0),
  ];
}

type Target = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

function run({ url, headers }: Target, seconds: number): Promise<autocannon.Result> {
  return autocannon({ url, headers: { ...headers }, connections: CONNECTIONS, duration: seconds });
}

async function floorRow(url: string): Promise<string> {
  const body = Buffer.from("x");
  await sendLoad({
    url,
    callers: 1,
    seconds: 5,
    call: (n) => (n === 0 ? { method: "POST", path: "/", body } : undefined),
  });
  const response = await fetch(url, {
    method: "POST",
    body: "x",
    signal: AbortSignal.timeout(5_000),
  });
  const { id } = (await response.json()) as { id: string };
  return id;
}
