import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMatch, type DirectRoute, serveDirectly } from "./direct";

const read: DirectRoute = {
  operation: { method: "GET", path: "/api/jobs/{job_id}", alias: "/jobs/{job_id}" },
  handler: async (request, { params }) =>
    Response.json(
      { id: (await params).job_id, key: request.headers.get("authorization") },
      { headers: { "x-answered-by": "operation" } },
    ),
};
const match = createMatch([read]);

test.each([
  ["GET", "/api/jobs/a-1_B", "a-1_B"],
  ["GET", "/jobs/7", "7"],
  ["POST", "/api/jobs/7", undefined],
  ["HEAD", "/api/jobs/7", undefined],
  ["GET", "/api/jobs/7?x=1", undefined],
  ["GET", "/api/jobs/7/", undefined],
  ["GET", "/api/jobs/7/logs", undefined],
  ["GET", "/api/jobs/%37", undefined],
  ["GET", "/api/jobs/..", undefined],
  ["GET", "/x/api/jobs/7", undefined],
])("%s %s is answered directly only when it is exactly the operation", (method, url, id) => {
  expect(match(method, url)?.params.job_id).toBe(id);
});

const server = createServer((_, response) => response.end("next"));
let url = "";

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  serveDirectly([read], port);
  url = `http://127.0.0.1:${port}`;
});
afterAll(() => new Promise((done) => server.close(done)));

test("the very first request is answered directly, with its headers, and others reach the server", async () => {
  const first = await fetch(`${url}/api/jobs/7`, { headers: { authorization: "Bearer k" } });
  expect(await first.json()).toEqual({ id: "7", key: "Bearer k" });
  expect(first.headers.get("x-answered-by")).toBe("operation");
  expect(await (await fetch(`${url}/docs`)).text()).toBe("next");
});

test("a first-generation path without a key is a page, and stays Next's", async () => {
  expect(await (await fetch(`${url}/jobs/7`)).text()).toBe("next");
  const withKey = await fetch(`${url}/jobs/7`, { headers: { authorization: "k" } });
  expect(await withKey.json()).toEqual({ id: "7", key: "k" });
});
