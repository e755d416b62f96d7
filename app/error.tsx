"use client";

type Props = { readonly error: Error & { digest?: string }; readonly reset: () => void };

/** Says only the number under which the log has the cause. */
export default function PageError({ error, reset }: Props) {
  return (
    <main className="mx-auto flex max-w-xl flex-col gap-4 px-4 py-20">
      <h1 className="font-semibold text-3xl">This page cannot be shown now</h1>
      <p className="text-quiet">
        Something went wrong on our side. Nothing was lost.
        {error.digest ? ` Name the number ${error.digest} to your administrator.` : ""}
      </p>
      <p>
        <button
          type="button"
          onClick={reset}
          className="rounded-md border border-line bg-surface px-4 py-2 font-medium text-accent"
        >
          Try again
        </button>
      </p>
    </main>
  );
}
