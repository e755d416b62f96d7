import postgres from "postgres";
import { submitArchive } from "@/scripts/portal-api";
import { FIELDS, waitForJob } from "./jobs";
import { sendLoad } from "./load";
import { atMost, type Bench, note, percentile, type Row } from "./part";
import type { Portal } from "./portal";

const JOBS = 100_000;
const REQUESTS = 200;
const WANTED_MS = 50;
const FILTERS = {
  "no filter": "",
  "status FAILED": "status=FAILED",
  "status QUEUED (none)": "status=QUEUED",
  "text in the name": "q=77777",
  "text that none has": "q=nowhere",
  label: "label=district%3D7",
  "label that none has": "label=district%3Dnone",
  "submitted after": "submitted_after=2026-01-02T00:00:00Z",
  "status and label": "status=SUCCEEDED&label=district%3D7",
  "200 a page": "limit=200",
} as const;

/** Lists of a tenant with 100,000 jobs, each filter; times as a caller sees them, so the server's are lower. */
export async function lists(bench: Bench): Promise<readonly Row[]> {
  const portal = await bench.portal();
  const key = await portal.tenant("bench");
  const { job_id: id } = await submitArchive(portal.url, key, "examples/collisions.zip", FIELDS);
  await waitForJob(portal, key, id);
  bench.say(`inserting ${JOBS} jobs`);
  await insertCopies(portal, id);
  const headers = { authorization: `Bearer ${key}` };
  const rows: Row[] = [];
  for (const [name, query] of Object.entries(FILTERS)) {
    const path = `/api/jobs?${query}`;
    const get = { method: "GET", path, headers };
    const load = (count: number) =>
      sendLoad({
        url: portal.url,
        callers: 1,
        seconds: 60,
        call: (n) => (n < count ? get : undefined),
      });
    await load(20);
    const { ms, errors } = await load(REQUESTS);
    if (errors > 0) throw new Error(`${path}: ${errors} answers were errors.`);
    rows.push(atMost(`list of 100,000 jobs, ${name}: p95`, percentile(ms, 0.95), WANTED_MS, " ms"));
  }
  return [note("jobs of the tenant", JOBS + 1), ...rows];
}

/** Copies of one real job, spread over half a year, with states, names and labels of their own. */
async function insertCopies({ databaseUrl }: Portal, id: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  const columns = await sql<{ name: string }[]>`
    select column_name as name from information_schema.columns
    where table_name = 'jobs' and table_schema = 'public' and is_generated = 'NEVER'
  `;
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  await sql.unsafe(
    `insert into jobs (${names})
     select ${columns.map(({ name }) => `(copy.row)."${name}"`).join(", ")}
     from generate_series(1, ${JOBS}) n, jobs job,
       lateral (select now() - n * interval '150 seconds' as at) time,
       lateral (select jsonb_populate_record(null::jobs, to_jsonb(job) || jsonb_build_object(
         'id', uuidv7(time.at - now()),
         'name', 'scenario ' || n,
         'state', (array['SUCCEEDED','SUCCEEDED','SUCCEEDED','FAILED','CANCELLED'])[1 + n % 5],
         'labels', jsonb_build_object('district', (n % 100)::text, 'run', n::text),
         'submitted_at', time.at, 'started_at', time.at, 'finished_at', time.at
       )) as row) copy
     where job.id = '${id}'`,
  );
  await sql`
    insert into job_labels (tenant_id, job_id, key, value)
    select jobs.tenant_id, jobs.id, label.key, label.value from jobs, jsonb_each_text(jobs.labels) label
    on conflict do nothing
  `;
  // As autovacuum does within a minute after so many new rows.
  await sql`vacuum analyze`;
  await sql.end();
}
