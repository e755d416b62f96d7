import table from "./option-table.json";

export type OptionType = "BOOL" | "INT" | "FLOAT" | "TIME" | "STR" | "STR[]" | "FILE";
export type SumoOption = {
  readonly name: string;
  /** As in `sumo --save-template`: input, output, processing, routing ... */
  readonly section: string;
  readonly type: OptionType;
  readonly synonyms: readonly string[];
};

/**
 * All options of sumo 1.15 to 1.27 by name. option-table.json holds "section type synonyms" of each, from
 * `sumo --save-template t.xml --save-commented` of both versions.
 */
export const SUMO_OPTIONS: ReadonlyMap<string, SumoOption> = new Map(
  Object.entries(table as Readonly<Record<string, string>>).map(([name, text]) => {
    const [section = "", type = "STR", ...synonyms] = text.split(" ");
    return [name, { name, section, type: type as OptionType, synonyms }];
  }),
);

const BY_SYNONYM: ReadonlyMap<string, SumoOption> = new Map(
  [...SUMO_OPTIONS.values()].flatMap((option) =>
    option.synonyms.map((synonym) => [synonym, option]),
  ),
);

/** By name or synonym, with case, as SUMO does. */
export function findOption(name: string): SumoOption | undefined {
  return SUMO_OPTIONS.get(name) ?? BY_SYNONYM.get(name);
}
