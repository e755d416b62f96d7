/** A sentence in which `words` between backticks are code. */
export function Prose({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a fixed text never move
      <code key={index} className="rounded bg-line/50 px-1 text-[0.9em]">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
