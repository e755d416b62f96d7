import { readFile } from "node:fs/promises";
import { FIELDS, holdSlot, multipart } from "./jobs";
import { type Load, sendLoad } from "./load";
import { atLeast, atMost, type Bench, note, percentile, type Row } from "./part";
import { readZip, varyZip } from "./zips";

const CALLERS = 20;
const SECONDS = 10;
const WARM_UP_SECONDS = 3;
const DISTINCT = 600;
const WANTED_RATIO = 0.2;

/** Submissions of a 45 kB zip a second, against a bare server that writes a file and a row. */
export async function submissions(bench: Bench): Promise<readonly Row[]> {
  const zip = await readFile("examples/gridlock.zip");
  const floorUrl = await bench.floor();
  const portal = await bench.portal();
  const key = await portal.tenant("bench", { max_concurrent_jobs: 1 });
  await holdSlot(portal, key);
  const call = (archive: Buffer) => {
    const { body, contentType } = multipart(archive, FIELDS);
    const headers = { authorization: `Bearer ${key}`, "content-type": contentType };
    return { method: "POST", path: "/api/jobs", headers, body };
  };
  const same = call(zip);
  const load = (url: string, seconds: number, one: Parameters<typeof sendLoad>[0]["call"]) =>
    sendLoad({ url, callers: CALLERS, seconds, call: one });

  await load(portal.url, WARM_UP_SECONDS, () => same);
  const atPortal = await load(portal.url, SECONDS, () => same);
  const raw = { method: "POST", path: "/", body: zip };
  await load(floorUrl, 1, () => raw);
  const atFloor = await load(floorUrl, SECONDS, () => raw);

  bench.say(`making ${DISTINCT} archives that differ in every file`);
  const entries = await readZip(zip);
  const calls: ReturnType<typeof call>[] = [];
  for (let n = 0; n < DISTINCT; n += 1) calls.push(call(await varyZip(entries, n)));
  const distinct = await load(portal.url, SECONDS, (n) => calls[n]);
  return [
    note("floor: one 45 kB file and one row a request, 20 callers", atFloor.perSecond, "/s"),
    ...rows("same zip again", atPortal, atFloor),
    ...rows("new files in every zip", distinct, atFloor),
  ];
}

function rows(what: string, load: Load, floor: Load): readonly Row[] {
  return [
    note(`submissions of a 45 kB zip, ${what}, 20 callers`, load.perSecond, "/s"),
    note(`submissions, ${what}: median`, percentile(load.ms, 0.5), " ms"),
    atLeast(
      `submissions, ${what}: ratio to the floor`,
      load.perSecond / floor.perSecond,
      WANTED_RATIO,
    ),
    atMost(`submissions, ${what}: errors`, load.errors, 0),
  ];
}
