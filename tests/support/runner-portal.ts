import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Finish,
  type LogLine,
  Report,
  type ReportAnswer,
  type RunnerSpec,
} from "@/lib/domain/runner-protocol";

export type RunnerPortalOptions = {
  readonly run?: Partial<RunnerSpec["run"]>;
  readonly limits?: Partial<RunnerSpec["limits"]>;
};

/** The other end of the runner's protocol: gives one attempt its spec and inputs, and records what it says. */
export class RunnerPortal {
  readonly listenersDir = mkdtempSync(join(tmpdir(), "sumo-k8-listeners-"));
  readonly reports: Report[] = [];
  readonly lines: LogLine[] = [];
  readonly files = new Map<string, Buffer>();
  finish: Finish | undefined;
  stop: ReportAnswer["stop"] = null;
  /** Answers 410 from now on. */
  isOver = false;
  /** Called with each call before it is answered; false leaves it without an answer. */
  gate: (call: string) => boolean = () => true;
  readonly #spec: RunnerSpec;
  readonly #blobs = new Map<string, Buffer>();
  #server = createServer();

  constructor(
    attempt: string,
    files: Readonly<Record<string, string | Buffer>>,
    options: RunnerPortalOptions = {},
  ) {
    const inputs = Object.entries(files).map(([path, content]) => {
      const bytes = Buffer.from(content);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      this.#blobs.set(sha256, bytes);
      return { path, sha256, size_bytes: bytes.length };
    });
    this.#spec = {
      attempt,
      config_file: Object.keys(files).find((path) => path.endsWith(".sumocfg")) ?? "run.sumocfg",
      inputs,
      run: {
        seed: 7,
        begin_seconds: null,
        end_seconds: null,
        step_length_seconds: null,
        scale: null,
        sumo_options: {},
        ...options.run,
      },
      limits: { memory_mib: 512, disk_mib: 512, time_limit_seconds: 600, ...options.limits },
    };
  }

  async open(): Promise<this> {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    const { port } = this.#server.address() as AddressInfo;
    writeFileSync(
      join(this.listenersDir, `${port}.json`),
      JSON.stringify({ url: `http://127.0.0.1:${port}` }),
    );
    return this;
  }

  /** The portal is away: nothing listens, the file that names the port stays as after a kill. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  async end(): Promise<void> {
    await this.close();
    rmSync(this.listenersDir, { recursive: true, force: true });
  }

  async finished(limitMs = 25_000): Promise<Finish> {
    await this.until(() => this.finish !== undefined, "finish", limitMs);
    if (!this.finish) throw new Error("unreachable");
    return this.finish;
  }

  async until(isSo: () => boolean, what: string, limitMs = 20_000): Promise<void> {
    for (const end = Date.now() + limitMs; !isSo(); await sleep(20)) {
      if (Date.now() > end) throw new Error(`The runner did not reach: ${what}.`);
    }
  }

  file(path: string): string {
    const content = this.files.get(path);
    if (!content) throw new Error(`${path} is not among ${[...this.files.keys()].join(", ")}.`);
    return content.toString("utf8");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const [, , call = "", ...rest] = (request.url ?? "").split("/");
    const path = rest.map(decodeURIComponent).join("/");
    if (!this.gate(call)) return void response.destroy();
    if (this.isOver) return void response.writeHead(410).end();
    if (request.headers.authorization !== "Bearer the-token")
      return void response.writeHead(401).end();
    if (call === "spec") return json(response, 200, this.#spec);
    if (call === "blobs") return void response.end(this.#blobs.get(path));
    if (call === "report")
      return json(response, 200, this.#takeReport(Report.parse(JSON.parse(body.toString()))));
    if (call === "files")
      return this.#takeFile(path, Number(request.headers["upload-offset"]), body, response);
    return this.#takeFinish(Finish.parse(JSON.parse(body.toString())), response);
  }

  #takeReport(report: Report): ReportAnswer {
    this.reports.push(report);
    const known = this.lines.length - report.first_line;
    if (known >= 0) this.lines.push(...report.lines.slice(known));
    return { next_line: this.lines.length, next_report_ms: 1_000, stop: this.stop };
  }

  #takeFile(path: string, offset: number, body: Buffer, response: ServerResponse): void {
    const present = this.files.get(path) ?? Buffer.alloc(0);
    const fits = present.length === offset;
    const content = fits ? Buffer.concat([present, body]) : present;
    if (fits) this.files.set(path, content);
    response.writeHead(fits ? 204 : 409, { "upload-offset": content.length }).end();
  }

  #takeFinish(finish: Finish, response: ServerResponse): void {
    const files = finish.files.filter(({ path, sha256 }) => {
      const content = this.files.get(path);
      const isRight = content && createHash("sha256").update(content).digest("hex") === sha256;
      if (!isRight) this.files.delete(path);
      return !isRight;
    });
    const line = this.lines.length < finish.line_count ? this.lines.length : null;
    if (files.length > 0 || line !== null) {
      const missing = { next_line: line, files: files.map(({ path }) => path) };
      json(response, 409, { missing });
      return;
    }
    this.finish = finish;
    json(response, 200, { accepted: true });
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
