import type { Metadata } from "next";
import Link from "next/link";
import { readDocument } from "./document";
import { SchemaFields } from "./fields";
import { OperationCard } from "./operation";
import { Prose } from "./prose";

export const metadata: Metadata = { title: "API" };

function sectionId(name: string): string {
  return `section-${name.toLowerCase().replaceAll(" ", "-")}`;
}

export default function Docs() {
  const { description, sections, schemas } = readDocument();
  return (
    <div className="mx-auto grid max-w-7xl gap-8 px-4 py-8 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <a href="#operations" className="sr-only focus:not-sr-only">
        To the operations
      </a>
      <nav
        aria-label="Operations"
        className="lg:sticky lg:top-8 lg:max-h-[calc(100dvh-4rem)] lg:overflow-y-auto"
      >
        <p className="font-semibold text-lg">
          <Link href="/" className="underline-offset-4 hover:underline">
            SUMO-K8
          </Link>
        </p>
        <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 lg:hidden">
          {sections.map(({ name }) => (
            <li key={name}>
              <a
                href={`#${sectionId(name)}`}
                className="block py-1 text-accent underline underline-offset-4"
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
        <div className="hidden lg:block">
          {sections.map(({ name, operations }) => (
            <details key={name} open className="mt-4">
              <summary className="cursor-pointer font-medium">{name}</summary>
              <ul className="mt-1 flex flex-col text-sm">
                {operations.map(({ operationId, summary }) => (
                  <li key={operationId}>
                    <a
                      href={`#${operationId}`}
                      className="block py-1 text-quiet underline-offset-4 hover:underline"
                    >
                      {summary}
                    </a>
                  </li>
                ))}
              </ul>
            </details>
          ))}
        </div>
      </nav>
      <main id="operations" className="flex min-w-0 flex-col gap-10">
        <header className="flex flex-col gap-3">
          <h1 className="font-semibold text-3xl tracking-tight">API</h1>
          <p className="max-w-prose">
            <Prose text={description} />
          </p>
          <p>
            <Link
              href="/api/openapi.json"
              prefetch={false}
              className="text-accent underline underline-offset-4"
            >
              The same as an OpenAPI 3.1 document
            </Link>
          </p>
        </header>
        {sections.map(({ name, operations }) => (
          <section key={name} aria-labelledby={sectionId(name)} className="flex flex-col gap-4">
            <h2 id={sectionId(name)} className="font-semibold text-2xl">
              {name}
            </h2>
            {operations.map((operation) => (
              <OperationCard key={operation.operationId} operation={operation} />
            ))}
          </section>
        ))}
        <section aria-labelledby="schemas" className="flex flex-col gap-4">
          <h2 id="schemas" className="font-semibold text-2xl">
            Schemas
          </h2>
          {schemas.map(({ name, schema }) => (
            <article
              key={name}
              id={`schema-${name}`}
              className="flex scroll-mt-4 flex-col gap-2 rounded-lg border border-line bg-surface p-4"
            >
              <h3 className="font-medium text-lg">{name}</h3>
              {schema.description ? (
                <p>
                  <Prose text={schema.description} />
                </p>
              ) : null}
              <SchemaFields schema={schema} />
            </article>
          ))}
        </section>
      </main>
    </div>
  );
}
