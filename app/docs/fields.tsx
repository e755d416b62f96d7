import type { Schema } from "./document";
import { Prose } from "./prose";
import { refOf, typeText } from "./type-text";

type Row = {
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
  readonly note?: string | undefined;
};

/** Fields of an object, nested ones indented under their own. */
export function SchemaFields({ schema }: { schema: Schema }) {
  const rows = rowsOf(schema);
  if (rows.length === 0) return <TypeLine schema={schema} />;
  return <Fields rows={rows} />;
}

export function Fields({ rows }: { rows: readonly Row[] }) {
  return (
    <dl className="divide-y divide-line border-line border-y text-sm">
      {rows.map((row) => (
        <Field key={row.name} {...row} />
      ))}
    </dl>
  );
}

function Field({ name, schema, required, note }: Row) {
  const nested = rowsOf(
    schema.items ?? schema.anyOf?.find(({ properties }) => properties) ?? schema,
  );
  const text = note ?? schema.description;
  return (
    <div className="grid gap-x-4 gap-y-1 py-2 sm:grid-cols-[minmax(9rem,14rem)_1fr]">
      <dt className="break-words font-mono">
        {name}
        {required ? null : <span className="font-sans text-quiet"> (optional)</span>}
      </dt>
      <dd className="min-w-0">
        <TypeLine schema={schema} />
        {text ? (
          <p>
            <Prose text={text} />
          </p>
        ) : null}
        {nested.length > 0 ? (
          <div className="mt-2 pl-3">
            <Fields rows={nested} />
          </div>
        ) : null}
      </dd>
    </div>
  );
}

function TypeLine({ schema }: { schema: Schema }) {
  const ref = refOf(schema);
  const standard =
    schema.default === undefined ? "" : `; ${JSON.stringify(schema.default)} when not given`;
  return (
    <p className="break-words text-quiet text-sm">
      {ref ? (
        <a className="text-accent underline underline-offset-2" href={`#schema-${ref}`}>
          {typeText(schema)}
        </a>
      ) : (
        typeText(schema)
      )}
      {standard}
    </p>
  );
}

function rowsOf({ properties = {}, required = [] }: Schema): Row[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    schema,
    required: required.includes(name),
  }));
}
