import { z } from "zod";
import { type ErrorCode, statusOf } from "@/lib/domain/errors";
import type { Operation, ResponseSpec } from "./operation";
import { Problem } from "./schemas";

type Json = { [key: string]: unknown };

const SCHEMAS = "#/components/schemas/";
const ALWAYS = ["INTERNAL", "UNAVAILABLE"] as const satisfies readonly ErrorCode[];
const OF_KEYS = [
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "RATE_LIMITED",
] as const satisfies readonly ErrorCode[];

/** The OpenAPI 3.1 document of these operations. Pure. */
export function toOpenApi(operations: readonly Operation[]): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const method = operation.method.toLowerCase();
    paths[operation.path] = {
      ...paths[operation.path],
      [method]: toOperation(operation, components),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "SUMO-K8",
      version: "1",
      description:
        "Runs Eclipse SUMO simulations. Times are RFC 3339 in UTC, ids are UUIDs, errors are RFC 9457 problem details. Paths of the first generation (`/jobs`, `/tenants/me/dashboard`, `/admin/...`, `/auth/...`) answer too.",
    },
    servers: [{ url: "/" }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        tenantKey: { type: "http", scheme: "bearer", description: "An API key of a tenant." },
        adminKey: {
          type: "apiKey",
          in: "header",
          name: "X-Admin-Key",
          description: "ADMIN_KEY, or an API key with the scope admin.",
        },
      },
    },
  };
}

function toOperation(operation: Operation, components: Json): Json {
  const { id, tag, summary, description, alias, access, scope } = operation;
  const notes = [
    description,
    scope && `Needs a key with the scope \`${scope}\`.`,
    alias && `The first generation's path \`${alias}\` answers too.`,
  ];
  const security = { public: [], tenant: [{ tenantKey: [] }], admin: [{ adminKey: [] }] }[access];
  const text = notes.filter(Boolean).join(" ");
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(text && { description: text }),
    security,
    ...withParameters(operation, components),
    ...withBody(operation, components),
    responses: toResponses(operation, components),
  };
}

function withParameters({ path, params, query }: Operation, components: Json): Json {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const pathSchema = properties(params, components);
  const querySchema = properties(query, components);
  const parameters = [
    ...inPath.map((name) =>
      toParameter(name, "path", pathSchema[name] ?? { type: "string" }, true),
    ),
    ...Object.entries(querySchema)
      .filter(([name]) => !inPath.includes(name))
      .map(([name, schema]) => toParameter(name, "query", schema, false)),
  ];
  return parameters.length > 0 ? { parameters } : {};
}

function toParameter(name: string, where: "path" | "query", schema: Json, required: boolean): Json {
  const { description, ...rest } = schema;
  return { name, in: where, required, ...(description ? { description } : {}), schema: rest };
}

function properties(schema: z.ZodType | undefined, components: Json): Record<string, Json> {
  if (!schema) return {};
  return (toSchema(schema, "input", components).properties ?? {}) as Record<string, Json>;
}

function withBody({ body, rawBody }: Operation, components: Json): Json {
  const content: Json = {};
  if (body) content["application/json"] = { schema: toSchema(body, "input", components) };
  if (rawBody) {
    const { contentType, schema } = rawBody;
    content[contentType] = schema ? { schema: toSchema(schema, "input", components) } : {};
  }
  return body || rawBody ? { requestBody: { required: true, content } } : {};
}

function toResponses(operation: Operation, components: Json): Json {
  const responses: Json = {};
  for (const [status, spec] of Object.entries(operation.responses)) {
    responses[status] = toResponse(spec, components);
  }
  for (const [status, codes] of Object.entries(errorsOf(operation))) {
    responses[status] ??= {
      description: codes.join(", "),
      content: { "application/problem+json": { schema: toSchema(Problem, "output", components) } },
    };
  }
  return responses;
}

function toResponse({ description, schema, contentType }: ResponseSpec, components: Json): Json {
  if (!schema && !contentType) return { description };
  const type = contentType ?? "application/json";
  const content = schema ? { schema: toSchema(schema, "output", components) } : {};
  return { description, content: { [type]: content } };
}

/** Codes that an operation may refuse with, by status. */
export function errorsOf(operation: Operation): Record<number, ErrorCode[]> {
  const implied = operation.access === "public" ? ALWAYS : [...OF_KEYS, ...ALWAYS];
  const faulty =
    operation.body || operation.query || operation.params ? (["INVALID_INPUT"] as const) : [];
  const ofBody = operation.body ? (["BAD_REQUEST", "UNSUPPORTED_MEDIA_TYPE"] as const) : [];
  const byStatus: Record<number, ErrorCode[]> = {};
  for (const code of new Set<ErrorCode>([...operation.errors, ...ofBody, ...faulty, ...implied])) {
    const status = statusOf(code);
    byStatus[status] = [...(byStatus[status] ?? []), code];
  }
  return byStatus;
}

/** JSON Schema of a zod schema; those with an id become components. */
function toSchema(schema: z.ZodType, io: "input" | "output", components: Json): Json {
  const {
    $schema: _,
    $defs = {},
    ...root
  } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json;
  for (const [id, definition] of Object.entries($defs as Json)) {
    const tidied = tidy(definition);
    if (components[id] && JSON.stringify(components[id]) !== JSON.stringify(tidied)) {
      throw new Error(`Two schemas have the id ${id}.`);
    }
    components[id] = tidied;
  }
  return tidy(root) as Json;
}

/** Without what only makes noise: limits of exact integers, and patterns beside a format that says the same. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key, part]) => {
    if (key === "pattern" && typeof part === "string") return !("format" in value);
    if (key === "minimum" || key === "maximum")
      return Math.abs(Number(part)) !== Number.MAX_SAFE_INTEGER;
    return true;
  });
  return Object.fromEntries(
    entries.map(([key, part]) => [key, key === "$ref" ? toRef(String(part)) : tidy(part)]),
  );
}

function toRef(ref: string): string {
  return ref.replace("#/$defs/", SCHEMAS);
}
