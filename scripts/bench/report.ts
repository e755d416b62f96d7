import { cpus, totalmem } from "node:os";
import type { Row } from "./part";

const GIB = 1024 ** 3;

export function tableText(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.measure, row.value, row.wanted ?? "", verdict(row)]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

type Run = {
  readonly rows: readonly Row[];
  readonly command: string;
  readonly date: Date;
  readonly sumoVersion: string;
};

/** docs/performance.md: the numbers of one run, and what they were measured on. */
export function performancePage({ rows, command, date, sumoVersion }: Run): string {
  const processor = cpus()[0]?.model.replace(/\s+/g, " ").trim() ?? "unknown";
  const memory = Math.round(totalmem() / GIB);
  const lines = rows.map(
    (row) => `| ${row.measure} | ${row.value} | ${row.wanted ?? ""} | ${verdict(row)} |`,
  );
  return `# Performance

Written by \`${command}\` on ${date.toISOString().slice(0, 10)}: ${cpus().length} cores (${processor}), ${memory} GiB of memory, Node
${process.versions.node}, PostgreSQL 18 with its default durability, ${sumoVersion}. The load, the portal and PostgreSQL shared the
machine, so ratios to a floor taken in the same run tell more than rates.

| measure | value | wanted | |
|---|---|---|---|
${lines.join("\n")}

The floor is a bare \`node:http\` server on the same database and disk: for submissions it writes one 45 kB file and inserts
one row, for reads it reads one row by its key. It checks no key, unpacks and validates nothing.
`;
}

function verdict({ isMet }: Row): string {
  if (isMet === undefined) return "";
  return isMet ? "met" : "**missed**";
}
