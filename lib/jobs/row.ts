/**
 * A row of tagged SQL as the typed row it stands for. With tagged SQL times arrive as text and 8-byte
 * counts as text (drizzle switches the driver's own parsers off): the named columns are converted.
 */
export function toTyped<T>(
  row: Readonly<Record<string, unknown>>,
  columns: {
    readonly instants: readonly (keyof T & string)[];
    readonly counts: readonly (keyof T & string)[];
  },
): T {
  const typed: Record<string, unknown> = { ...row };
  for (const name of columns.instants) {
    const text = row[name];
    typed[name] = typeof text === "string" ? new Date(text) : null;
  }
  for (const name of columns.counts) typed[name] = Number(row[name]);
  return typed as T;
}

/** What db.execute() answers: with this driver an array of rows. */
export function rowsOf<T>(result: unknown): T[] {
  return Array.isArray(result) ? (Array.from(result) as T[]) : [];
}
