import type { Schema } from "./document";

/** A schema in a few words: `integer, 1 to 200`, `array of Job`, `"low" or "high"`. Pure. */
export function typeText(schema: Schema): string {
  const { minimum, maximum } = schema;
  const bounds =
    minimum !== undefined && maximum !== undefined
      ? `, ${minimum} to ${maximum}`
      : minimum !== undefined
        ? `, at least ${minimum}`
        : maximum !== undefined
          ? `, at most ${maximum}`
          : "";
  return `${kindText(schema)}${bounds}`;
}

function kindText(schema: Schema): string {
  if (schema.$ref) return refName(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(typeText).join(" or ");
  if (schema.items) return `array of ${typeText(schema.items)}`;
  if (schema.prefixItems) return `array of ${schema.prefixItems.map(typeText).join(", ")}`;
  const { additionalProperties } = schema;
  if (typeof additionalProperties === "object" && !schema.properties) {
    return `object of ${typeText(additionalProperties)}`;
  }
  return schema.format ?? [schema.type ?? "any"].flat().join(" or ");
}

export function refName(ref: string): string {
  return ref.split("/").at(-1) ?? ref;
}

/** The named schema that a schema is, or is a list of. */
export function refOf(schema: Schema): string | undefined {
  const inner = [schema, schema.items, ...(schema.anyOf ?? [])].find((one) => one?.$ref);
  return inner?.$ref ? refName(inner.$ref) : undefined;
}
