import { z } from "zod";
import { defineOperation } from "@/lib/api/operation";
import { Instant } from "@/lib/api/schemas";

const tag = "System";

const Health = z
  .object({
    status: z.enum(["healthy", "unhealthy"]),
    timestamp: Instant,
    db_available: z.boolean(),
    k8s_available: z.boolean().describe("The execution backend answers, whichever it is."),
  })
  .meta({ id: "Health" });

export const getHealth = defineOperation({
  id: "getHealth",
  method: "GET",
  path: "/health",
  tag,
  summary: "Whether the parts that the portal needs answer",
  access: "public",
  responses: {
    200: { description: "All answer.", schema: Health },
    503: { description: "At least one does not.", schema: Health },
  },
  errors: [],
});

const Readiness = z
  .object({ status: z.enum(["ready", "not ready"]), detail: z.string() })
  .meta({ id: "Readiness" });

export const getReadiness = defineOperation({
  id: "getReadiness",
  method: "GET",
  path: "/ready",
  tag,
  summary: "Whether this process takes requests",
  access: "public",
  responses: {
    200: { description: "Yes.", schema: Readiness },
    503: { description: "It starts or ends, or has not seen its backend yet.", schema: Readiness },
  },
  errors: [],
});

export const getMetrics = defineOperation({
  id: "getMetrics",
  method: "GET",
  path: "/metrics",
  tag,
  summary: "Figures for Prometheus",
  description:
    "With METRICS_TOKEN as a bearer token; while that is not set, only from this machine.",
  access: "public",
  responses: { 200: { description: "Prometheus text format.", contentType: "text/plain" } },
  errors: ["UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED"],
});

export const getOpenApi = defineOperation({
  id: "getOpenApi",
  method: "GET",
  path: "/api/openapi.json",
  tag,
  summary: "This document",
  access: "public",
  responses: {
    200: { description: "OpenAPI 3.1.", schema: z.looseObject({ openapi: z.string() }) },
  },
  errors: [],
});
