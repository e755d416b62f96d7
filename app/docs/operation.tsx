import type { ReactNode } from "react";
import type { Content, DocumentedOperation } from "./document";
import { Fields, SchemaFields } from "./fields";
import { Prose } from "./prose";

type Answer = DocumentedOperation["responses"][string];

const COLOUR: Readonly<Record<string, string>> = {
  GET: "text-read",
  HEAD: "text-read",
  DELETE: "text-remove",
};

export function OperationCard({ operation }: { operation: DocumentedOperation }) {
  const { method, path, operationId, summary, description, parameters, requestBody, responses } =
    operation;
  const entries = Object.entries(responses);
  const isProblem = ({ content = {} }: Answer) => "application/problem+json" in content;
  const answers = entries.filter(([, answer]) => !isProblem(answer));
  const refusals = entries.filter(([, answer]) => isProblem(answer));
  return (
    <article
      id={operationId}
      aria-labelledby={`${operationId}-title`}
      className="flex scroll-mt-4 flex-col gap-3 rounded-lg border border-line bg-surface p-4"
    >
      <header className="flex flex-col gap-1">
        <h3 id={`${operationId}-title`} className="font-medium text-lg">
          {summary}
        </h3>
        <p className="break-all font-mono text-sm">
          <span className={`font-bold ${COLOUR[method] ?? "text-write"}`}>{method}</span> {path}
        </p>
        <p className="text-quiet text-sm">{accessText(operation)}</p>
        {description ? (
          <p>
            <Prose text={description} />
          </p>
        ) : null}
      </header>
      {parameters ? (
        <Part title="Parameters">
          <Fields
            rows={parameters.map(({ name, schema, required, description: note }) => ({
              name,
              schema,
              required,
              note,
            }))}
          />
        </Part>
      ) : null}
      {requestBody ? (
        <Part title="Body">
          <Bodies content={requestBody.content} />
        </Part>
      ) : null}
      <Part title="Answers">
        <ul className="flex flex-col gap-2 text-sm">
          {answers.map(([status, { description: text, content = {} }]) => (
            <li key={status}>
              <strong className="font-mono">{status}</strong> {text}
              <Bodies content={content} />
            </li>
          ))}
          <li>
            {refusals.map(([status, { description: text }]) => `${status} ${text}`).join("; ")}.
          </li>
        </ul>
      </Part>
    </article>
  );
}

function accessText({ security }: DocumentedOperation): string {
  const schemes = security.flatMap((entry) => Object.keys(entry));
  if (schemes.includes("adminKey")) return "For administrators: X-Admin-Key.";
  return schemes.includes("tenantKey")
    ? "For tenants: Authorization: Bearer KEY."
    : "For everybody.";
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1">
      <h4 className="font-medium">{title}</h4>
      {children}
    </section>
  );
}

function Bodies({ content }: { content: Content }) {
  return Object.entries(content).map(([type, { schema }]) => (
    <div key={type} className="flex flex-col gap-1">
      <p className="font-mono text-quiet text-sm">{type}</p>
      {schema ? <SchemaFields schema={schema} /> : null}
    </div>
  ));
}
