// The floor: the least that a server in the portal's place has to do. POST /: one file written and
// one row inserted. GET /<id>: one row read by its key.
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import postgres from "postgres";

const [databaseUrl = "", folder = "", port = "0"] = process.argv.slice(2);
const sql = postgres(databaseUrl, { max: 8, onnotice: () => undefined });
await sql`create table if not exists floor_jobs (id uuid primary key, name text, bytes int, at timestamptz default now())`;

createServer((request, response) => {
  answer(request).then(
    (body) => response.setHeader("content-type", "application/json").end(JSON.stringify(body)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
}).listen(Number(port), "127.0.0.1", () => process.send?.("ready"));
process.once("disconnect", () => process.exit(0));

async function answer(request: IncomingMessage): Promise<unknown> {
  if (request.method !== "POST") {
    const rows = await sql`select * from floor_jobs where id = ${(request.url ?? "/").slice(1)}`;
    return rows[0];
  }
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces);
  const id = randomUUID();
  await writeFile(join(folder, id), body);
  await sql`insert into floor_jobs (id, name, bytes) values (${id}, 'floor', ${body.length})`;
  return { id };
}
