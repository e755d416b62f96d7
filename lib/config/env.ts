import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";

const positive = (fallback: number) => z.coerce.number().int().min(1).default(fallback);
const port = z.coerce.number().int().min(1).max(65_535);
const secret = z.string().min(16, "needs at least 16 characters");

/** Every setting there is; .env.example says what each is for. */
const Env = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("production"),
  DATABASE_URL: z.url({
    protocol: /^postgres(ql)?$/,
    error: "needs the form postgres://user:password@host:5432/name",
  }),
  PORT: port.default(3000),
  HOSTNAME: z.string().min(1).default("127.0.0.1"),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  ADMIN_KEY: secret.optional(),
  METRICS_TOKEN: secret.optional(),
  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).default(0),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  SUMO_K8_DATA_DIR: z
    .string()
    .min(1)
    .default("data")
    .transform((dir) => resolve(dir)),
  EXECUTION_BACKEND: z.enum(["local"]).default("local"),
  RUNNER_PORT: port.optional(),
  RUNNER_SECRET: secret.optional(),
  SUMO_BINARY: z.string().min(1).default("sumo"),
  SUMO_HOME: z.string().min(1).default("/usr/share/sumo"),
  MAX_UPLOAD_MIB: positive(2_048),
  JOB_DISK_MIB: positive(20_480),
  RATE_LIMIT_PER_MINUTE: positive(1_200),
  TENANT_MAX_CPU: positive(Math.max(4, availableParallelism())),
  TENANT_MAX_MEMORY_MIB: positive(16_384),
  TENANT_MAX_CONCURRENT_JOBS: positive(4),
  TENANT_MAX_QUEUED_JOBS: positive(1_000),
  TENANT_MAX_STORAGE_MIB: positive(51_200),
  TENANT_MAX_RUN_SECONDS: positive(86_400),
  TENANT_RETENTION_DAYS: positive(30),
});
export type Env = z.infer<typeof Env>;

export const SETTING_NAMES: readonly string[] = Object.keys(Env.shape);

/** Throws one error that lists all faults, each with the variable's name. An empty value counts as unset. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = Env.safeParse(set);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    ({ path, message }) =>
      `  ${path.join(".")}: ${path[0] !== undefined && set[String(path[0])] === undefined ? "is not set" : message}`,
  );
  throw new Error(`The environment has faults:\n${faults.join("\n")}\nSee .env.example.`);
}

/** Of `next dev`, whose refresh needs eval. */
export const isDevelopment = process.env.NODE_ENV === "development";
