import Link from "next/link";

export default function NotFound() {
  return (
    <main className="mx-auto flex max-w-xl flex-col gap-4 px-4 py-20">
      <h1 className="font-semibold text-3xl">There is no such page</h1>
      <p className="text-quiet">The address may be mistyped, or what it named was removed.</p>
      <p>
        <Link href="/" className="text-accent underline underline-offset-4">
          To the start page
        </Link>
      </p>
    </main>
  );
}
