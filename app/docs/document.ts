import { toOpenApi } from "@/lib/api/openapi";
import { OPERATIONS } from "@/lib/api/registry";

/** The parts of the OpenAPI document that the page shows. */
export type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
};

export type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

export type Parameter = {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
};

export type DocumentedOperation = {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Content }>
  >;
};

type OpenApi = {
  readonly info: { readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, Omit<DocumentedOperation, "method" | "path">>>>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

/** The document by sections: each tag with its operations, then the schemas. */
export function readDocument() {
  const document = toOpenApi(OPERATIONS) as unknown as OpenApi;
  const operations: DocumentedOperation[] = Object.entries(document.paths).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...operation,
        path,
        method: method.toUpperCase(),
      })),
  );
  return {
    description: document.info.description,
    sections: document.tags.map(({ name }) => ({
      name,
      operations: operations.filter(({ tags }) => tags.includes(name)),
    })),
    schemas: Object.entries(document.components.schemas).map(([name, schema]) => ({
      name,
      schema,
    })),
  };
}
