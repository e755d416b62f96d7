import { randomUUID } from "node:crypto";
import { AppError } from "@/lib/domain/errors";
import { problem } from "./problem";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof METHODS)[number];
type Refusal = (request: Request) => Response;

/**
 * Handlers for the methods that a path does not have, each answering 405 in words and naming those it has:
 * `export const { PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET", "POST")`.
 */
export function refuseOthers<M extends Method>(
  ...allowed: readonly M[]
): Record<Exclude<Method, M> | "OPTIONS", Refusal> {
  const allow = allowed.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  const refuse: Refusal = (request) => {
    const sentence = `${request.method} is not possible here; use ${allow.join(" or ")}.`;
    const response = problem(new AppError("METHOD_NOT_ALLOWED", sentence), randomUUID());
    response.headers.set("allow", allow.join(", "));
    return response;
  };
  const options = () => new Response(null, { status: 204, headers: { allow: allow.join(", ") } });
  const refusals = Object.fromEntries(METHODS.map((method) => [method, refuse]));
  return { ...(refusals as Record<Method, Refusal>), OPTIONS: options };
}

/** Answers 404 in words where no operation lives. */
export function notThere(): Response {
  const error = new AppError(
    "NOT_FOUND",
    "There is no such operation; /docs lists all that there are.",
  );
  return problem(error, randomUUID());
}
