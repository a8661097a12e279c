import type { People, Row } from './people.ts';

/** The rows of some Dataverse tables, read once. */
export interface DataverseTables {
  rows(table: string): readonly Row[];
  /**
   * A column's value as text; of a lookup path, the column of the row it points to. Empty text for no value.
   * `transactioncurrencyid.isocurrencycode`, `parentcustomerid.account(accountnumber).contact(fullname)`.
   */
  text(row: Row, path: string): string;
}

/** Reads whole tables; rows are found by their primary id, which is a table's name with `id` behind it. */
export async function readDataverseTables(people: People, tables: readonly string[]): Promise<DataverseTables> {
  const read = new Map<string, Row[]>();
  const byId = new Map<string, Row>();
  for (const table of tables) {
    const rows = await people.dataverse.all(table);
    read.set(table, rows);
    for (const row of rows) byId.set(String(row[`${table}id`]), row);
  }
  const text = (row: Row, path: string): string => {
    const [name = '', ...segments] = path.split('.');
    if (segments.length === 0) return plainText(row[name]);
    const target = byId.get(plainText(row[`_${name}_value`]));
    if (target === undefined) return '';
    for (const segment of segments) {
      const [, table, column = segment] = /^(\w+)\((\w+)\)$/.exec(segment) ?? [];
      if (table === undefined || `${table}id` in target) return plainText(target[column]);
    }
    return '';
  };
  return { rows: (table) => read.get(table) ?? [], text };
}

function plainText(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
