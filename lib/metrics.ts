import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const WAIT_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];

export type Metrics = ReturnType<typeof createMetrics>;

/** All figures of GET /metrics; the only file that knows prom-client. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "sumo_k8_request_duration_seconds",
    help: "Time to answer an API request.",
    labelNames: ["operation", "status"],
    buckets: SECONDS,
    registers,
  });
  const jobsOpen = new Gauge({
    name: "sumo_k8_jobs_open",
    help: "Jobs that have not ended, by state; as of the last pass of the leading portal.",
    labelNames: ["state"],
    registers,
  });
  const waits = new Histogram({
    name: "sumo_k8_job_wait_seconds",
    help: "Time from submission to the start of the simulation.",
    buckets: WAIT_SECONDS,
    registers,
  });
  const attempts = new Counter({
    name: "sumo_k8_attempts_ended_total",
    help: "Attempts that ended, by reason.",
    labelNames: ["reason"],
    registers,
  });
  const reportLag = new Histogram({
    name: "sumo_k8_report_lag_seconds",
    help: "Time from a runner's report being made to being stored.",
    buckets: SECONDS,
    registers,
  });
  const passes = new Histogram({
    name: "sumo_k8_reconcile_duration_seconds",
    help: "Time of one reconcile pass.",
    labelNames: ["outcome"],
    buckets: SECONDS,
    registers,
  });
  return {
    request: (operation: string, status: number, ms: number) =>
      requests.observe({ operation, status: String(status) }, ms / 1_000),
    jobsOpen: (state: string, n: number) => jobsOpen.set({ state }, n),
    wait: (seconds: number) => waits.observe(seconds),
    attemptEnded: (reason: string) => attempts.inc({ reason }),
    reportLag: (seconds: number) => reportLag.observe(Math.max(0, seconds)),
    pass: (outcome: "ok" | "failed", ms: number) => passes.observe({ outcome }, ms / 1_000),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
