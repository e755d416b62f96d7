import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { toOpenApi } from "./openapi";
import type { Operation } from "./operation";
import { OPERATIONS } from "./registry";

type Json = Record<string, unknown>;
const CATCH_ALL = "app/api/[[...path]]/route.ts";
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
// As it is on the wire.
const document = JSON.parse(JSON.stringify(toOpenApi(OPERATIONS))) as Json & {
  paths: Record<string, Record<string, Json>>;
  components: { schemas: Json; securitySchemes: Json };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Calls `visit` with every object within `value`. */
function walk(value: unknown, visit: (object: Json) => void): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) visit(value as Json);
  for (const part of Object.values(value)) walk(part, visit);
}

describe("the OpenAPI document", () => {
  test("has the fields that OpenAPI 3.1 demands", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    for (const { path, method, operation } of operations) {
      expect(path).toMatch(/^\//);
      expect(METHODS).toContain(method);
      expect(Object.keys(operation.responses as Json).length).toBeGreaterThan(0);
    }
  });

  test("gives every operation an id of its own", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(OPERATIONS.length);
  });

  test("describes every response, and every refusal as a problem", () => {
    for (const { operation } of operations) {
      for (const [status, response] of Object.entries(
        operation.responses as Record<string, Json>,
      )) {
        expect(status).toMatch(/^[1-5]\d\d$/);
        expect(response.description).toEqual(expect.any(String));
        const types = Object.keys((response.content as Json | undefined) ?? {});
        if (!status.startsWith("4")) continue;
        expect(types.filter((type) => type !== "application/problem+json")).toEqual([]);
      }
    }
  });

  test("declares each parameter once, and all that stand in the path", () => {
    for (const { path, operation } of operations) {
      const parameters = (operation.parameters ?? []) as {
        name: string;
        in: string;
        required: boolean;
      }[];
      const names = parameters.map((parameter) => `${parameter.in}:${parameter.name}`);
      expect(new Set(names).size).toBe(names.length);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
      const declared = parameters.filter((parameter) => parameter.in === "path");
      expect(declared.map(({ name }) => name).toSorted()).toEqual(inPath.toSorted());
      expect(declared.every(({ required }) => required)).toBe(true);
    }
  });

  test("refers only to what it has", () => {
    const refs = new Set<string>();
    walk(document, (object) => {
      if (typeof object.$ref === "string") refs.add(object.$ref);
    });
    expect(refs.size).toBeGreaterThan(5);
    for (const ref of refs) {
      const name = /^#\/components\/schemas\/(\w+)$/.exec(ref)?.[1] ?? "";
      expect(document.components.schemas).toHaveProperty(name);
    }
  });

  test("has only schemas of JSON Schema 2020-12", () => {
    const types = ["string", "number", "integer", "boolean", "object", "array", "null"];
    walk(document.components.schemas, (object) => {
      expect(typeof object.type === "string" ? types : [object.type]).toContain(object.type);
      expect(object).not.toHaveProperty("nullable");
      expect(object).not.toHaveProperty("$defs");
    });
  });

  test("names the key that each operation needs, and only schemes that it defines", () => {
    for (const { operation } of operations) {
      const schemes = (operation.security as Json[]).flatMap((entry) => Object.keys(entry));
      for (const scheme of schemes)
        expect(document.components.securitySchemes).toHaveProperty(scheme);
      expect(operation.responses).toHaveProperty(schemes.length > 0 ? "401" : "500");
    }
  });

  test("keeps a field that is called id", () => {
    expect(document.components.schemas.Activity).toMatchObject({
      properties: { id: { type: "integer" } },
    });
  });
});

describe("operations and route files", () => {
  const routes = globSync("app/**/route.ts")
    .filter((file) => file !== CATCH_ALL)
    .flatMap((file) => {
      const text = readFileSync(file, "utf8");
      const path = file.replace(/^app|\/route\.ts$/g, "").replace(/\[(?:\.\.\.)?(\w+)\]/g, "{$1}");
      return [...text.matchAll(/export const (GET|HEAD|POST|PUT|PATCH|DELETE)\b/g)].map(
        ([, method]) => `${method} ${path}`,
      );
    });

  test("are the same set", () => {
    const described = OPERATIONS.map(({ method, path }) => `${method} ${path}`);
    const isHeadOfGet = (route: string) =>
      described.includes(route.replace("HEAD", "GET")) && !described.includes(route);
    const own = routes.filter((route) => !route.startsWith("HEAD") || !isHeadOfGet(route));
    expect(own.toSorted()).toEqual(described.toSorted());
  });

  test("refuse every other method in words", () => {
    const silent = globSync("app/**/route.ts").filter((file) => {
      const text = readFileSync(file, "utf8");
      return ["GET", "POST", "PUT", "PATCH", "DELETE"].some(
        (method) => !new RegExp(`export const[^=]*\\b${method}\\b`).test(text),
      );
    });
    expect(silent).toEqual([]);
  });

  test.each(OPERATIONS.filter(({ alias }) => alias))(
    "$id keeps its parameters on the first generation's path",
    ({ path, alias }: Operation) => {
      const names = (text = "") => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
      expect(names(alias)).toEqual(names(path));
      expect(path.startsWith("/api/")).toBe(true);
      expect(alias).toBe(path.slice("/api".length));
    },
  );
});
