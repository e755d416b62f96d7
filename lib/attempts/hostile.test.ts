import { readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  insertAttempt,
  openPortalParts,
  type PortalParts,
  runnerClient,
} from "@/tests/support/attempts";
import { type RunnerListener, startRunnerListener } from "./listener";

let portal: PortalParts;
let listener: RunnerListener;
beforeAll(async () => {
  portal = await openPortalParts();
  listener = await startRunnerListener(portal);
});
afterAll(async () => {
  await listener.close();
  await portal.dispose();
});

test("names that would leave the attempt's folder are refused", async () => {
  const { token } = await insertAttempt(portal);
  const client = runnerClient(listener.url, token);
  const hostile = [
    "..%2f..%2fx",
    "%2Fetc%2Fpasswd",
    "a%2F%2Fb",
    "a/%2e%2e/b",
    "%00",
    "%ff",
    "x%2F..",
    `${"a".repeat(300)}`,
  ];
  for (const path of hostile) {
    const answer = await rawRequest(listener.url, `PUT /v1/files/${path} HTTP/1.1`, token);
    expect(`${path}: ${answer.slice(0, 12)}`).toBe(`${path}: HTTP/1.1 400`);
  }
  expect(await rawRequest(listener.url, "PUT /v1/files/../../x HTTP/1.1", token)).toMatch(/ 400 /);
  const finish = await client.finish({
    at: "2026-11-24T06:00:09.500Z",
    outcome: { state: "SUCCEEDED", reason: "Completed", message: "", exit_code: 0, signal: null },
    line_count: 0,
    files: [{ path: "../x", size_bytes: 0, sha256: "" }],
    lost_files: [],
  });
  expect(finish.status).toBe(400);
});

test("no input brings the listener down", async () => {
  const { token } = await insertAttempt(portal);
  const client = runnerClient(listener.url, token);
  const bodies = ["", "{", "null", "[]", '{"seq": "x"}', JSON.stringify({ seq: 1, lines: [[1]] })];
  for (const body of bodies)
    expect((await client.call("POST", "report", { body })).status).toBe(400);
  expect((await client.call("POST", "nothing")).status).toBe(404);
  expect((await client.call("DELETE", "spec")).status).toBe(404);
  expect(await rawRequest(listener.url, "\u0000\u0001 nonsense", token)).toMatch(/ 400 /);
  await cutMidway(listener.url, token);
  expect((await client.report({ seq: 1 })).status).toBe(200);
});

test("a listener that starts again is where it was, and takes back what a killed one announced", async () => {
  const parts = await openPortalParts();
  try {
    const dir = join(parts.env.SUMO_K8_DATA_DIR, "listeners");
    const first = await startRunnerListener(parts);
    const { port } = new URL(first.url);
    expect(JSON.parse(await readFile(join(dir, `${port}.json`), "utf8"))).toEqual({
      url: first.url,
    });
    await first.close();
    expect(await readdir(dir)).toEqual([]);
    await writeFile(join(dir, "1.json"), JSON.stringify({ url: "http://127.0.0.1:1" }));
    const second = await startRunnerListener(parts);
    expect(second.url).toBe(first.url);
    expect(await readdir(dir)).toEqual([`${port}.json`]);
    await second.close();
  } finally {
    await parts.dispose();
  }
});

function rawRequest(url: string, line: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let text = "";
    socket.on("data", (part) => {
      text += part.toString();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
    socket.write(
      `${line}\r\nhost: x\r\nauthorization: Bearer ${token}\r\nupload-offset: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    );
  });
}

/** A runner that dies in the middle of a report. */
function cutMidway(url: string, token: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("close", () => resolve());
    socket.write(
      `POST /v1/report HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: 1000\r\n\r\n{"seq":`,
    );
    setTimeout(() => socket.destroy(), 50);
  });
}
