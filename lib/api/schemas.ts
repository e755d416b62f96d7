import { z } from "zod";

/** Shared parts of the operations' schemas. Those with an id stand under that name in the OpenAPI document. */
export const Instant = z.iso.datetime().describe("RFC 3339, UTC.");

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("What is wrong and what to do, for a person."),
    code: z.string().describe("What is wrong, for a script."),
    errors: z.array(
      z.object({
        field: z.string().optional(),
        file: z.string().optional(),
        line: z.int().optional(),
        message: z.string(),
      }),
    ),
    request_id: z.string(),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details." });

export const TenantIdText = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,63}$/, "needs 1 to 63 letters, digits, - and _");

/** Of a list: how many at most. */
export const Limit = z.coerce.number().int().min(1).max(200).default(50);
