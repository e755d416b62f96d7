import { headers } from "next/headers";
import { publicUrl } from "@/lib/http/public-url";
import { runtime } from "@/lib/runtime";

const LINKS = [
  {
    href: "/docs",
    label: "API documentation",
    text: "Every operation, with its fields and answers.",
  },
  { href: "/api/openapi.json", label: "OpenAPI 3.1 document", text: "The same, for programs." },
  {
    href: "/health",
    label: "Health",
    text: "Whether the database and the simulations' backend answer.",
  },
];

function submitLine(url: string): string {
  return `curl -H 'Authorization: Bearer KEY' \\
  -F scenario_id=morning -F sumo_files=@town.zip \\
  ${url}/api/jobs`;
}

export default async function Home() {
  const url = publicUrl(await headers(), runtime().env.PUBLIC_URL);
  return (
    <main className="mx-auto flex max-w-3xl flex-col gap-8 px-4 py-12 sm:py-20">
      <header className="flex flex-col gap-3">
        <h1 className="font-semibold text-4xl tracking-tight">SUMO-K8</h1>
        <p className="text-lg text-quiet">
          Send an Eclipse SUMO scenario as a zip, watch the simulation run, and take its logs and
          results home.
        </p>
      </header>
      <section aria-labelledby="first" className="flex flex-col gap-2">
        <h2 id="first" className="font-medium text-xl">
          A first simulation
        </h2>
        <p className="text-quiet">With the key that your administrator gave you:</p>
        <pre className="whitespace-pre-wrap break-words rounded-lg border border-line bg-surface p-4 text-sm">
          <code>{submitLine(url)}</code>
        </pre>
      </section>
      <nav aria-label="Where to go">
        <ul className="grid gap-3 sm:grid-cols-3">
          {LINKS.map(({ href, label, text }) => (
            <li key={href} className="rounded-lg border border-line bg-surface p-4">
              <a href={href} className="font-medium text-accent underline underline-offset-4">
                {label}
              </a>
              <p className="mt-1 text-quiet text-sm">{text}</p>
            </li>
          ))}
        </ul>
      </nav>
    </main>
  );
}
