import type { z } from "zod";
import type { ErrorCode } from "@/lib/domain/errors";
import type { KeyScope } from "@/lib/domain/tenant";

export type Access = "public" | "tenant" | "admin";

export type ResponseSpec = {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Of a body that is no JSON: files, archives, event streams. */
  readonly contentType?: string;
};

/** One operation of the REST API: validation, types and the OpenAPI document all come from this. */
export type Operation<
  A extends Access = Access,
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> = {
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  /** As in OpenAPI: `/api/jobs/{job_id}`. */
  readonly path: string;
  /** A path of the first generation that answers too. */
  readonly alias?: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: A;
  /** What the tenant's key must be allowed. */
  readonly scope?: KeyScope;
  readonly params?: P;
  readonly query?: Q;
  /** A JSON body. */
  readonly body?: B;
  /** A body that is no JSON, read by the handler itself; for the document only. */
  readonly rawBody?: { readonly contentType: string; readonly schema?: z.ZodType };
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  readonly errors: readonly ErrorCode[];
};

export function defineOperation<
  A extends Access,
  P extends z.ZodType = z.ZodType<Record<string, never>>,
  Q extends z.ZodType = z.ZodType<Record<string, never>>,
  B extends z.ZodType = z.ZodType<undefined>,
>(operation: Operation<A, P, Q, B>): Operation<A, P, Q, B> {
  return operation;
}
