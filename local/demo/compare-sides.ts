import type { TableMap } from '../../shared/core/map/table-map.ts';
import { readTwins, type Twin } from '../seed/twin-row.ts';
import { type DataverseTables, readDataverseTables } from './dataverse-tables.ts';
import type { People, Row } from './people.ts';

/** A record of one map, and how it stands on the two sides. */
export interface ComparedRecord {
  mapId: string;
  /** Company and key, in lower case, parted by a bar. */
  key: string;
  verdict: 'equal' | 'different' | 'finops-only' | 'dataverse-only';
  /** What differs: the column with both values. */
  differences: string[];
}

/** Which rows of an entity belong to a map, where several maps or a constant tell them apart. */
const FINOPS_MEMBERS: Record<string, (row: Row) => boolean> = {
  'currencies--transactioncurrencies': (row) => row['CurrencyCode'] !== '999',
  'customers-v3--accounts': (row) => row['PartyType'] === 'Organization',
  'customers-v3--contacts': (row) => row['PartyType'] === 'Person',
  'cds-contacts-v2--contacts': (row) => row['AssociatedContactType'] === 'Vendor',
  'cds-contacts-v2-customers--contacts': (row) => row['AssociatedContactType'] === 'Customer',
};

/**
 * Compares every record of every shipped map, field by field, with no help of the app: the rows are read from both
 * systems, and mapped by the code that made the seed.
 */
export async function compareSides(people: People): Promise<ComparedRecord[]> {
  const twins = [...readTwins().values()];
  const tables = await readDataverseTables(people, [...new Set(twins.map(({ map }) => map.dataverse.table))]);
  const entities = new Map<string, Row[]>();
  const compared: ComparedRecord[] = [];
  for (const twin of twins) {
    const { entity } = twin.map.finops;
    const rows = entities.get(entity) ?? (await people.finops.all(entity));
    entities.set(entity, rows);
    const members = FINOPS_MEMBERS[twin.map.id] ?? (() => true);
    const { table, filter } = twin.map.dataverse;
    const others = filter === null ? tables.rows(table) : await people.dataverse.all(table, filter);
    compared.push(...compareMap(twin, rows.filter(members), others, tables));
  }
  return compared;
}

function compareMap(
  twin: Twin,
  finops: readonly Row[],
  dataverse: readonly Row[],
  tables: DataverseTables,
): ComparedRecord[] {
  const { map } = twin;
  const others = new Map(dataverse.map((row) => [dataverseKey(map, row, tables), row]));
  const compared = finops.map((row): ComparedRecord => {
    const key = finopsKey(map, row);
    const other = others.get(key);
    others.delete(key);
    if (other === undefined) return { mapId: map.id, key, verdict: 'finops-only', differences: [] };
    const differences = differencesOf(twin, row, other, tables);
    return { mapId: map.id, key, verdict: differences.length === 0 ? 'equal' : 'different', differences };
  });
  for (const key of others.keys()) {
    // Without a whole key it is nobody's record yet.
    if (!key.split('|').includes('')) compared.push({ mapId: map.id, key, verdict: 'dataverse-only', differences: [] });
  }
  return compared;
}

function finopsKey(map: TableMap, row: Row): string {
  const company = 'dataAreaId' in row ? [row['dataAreaId']] : [];
  return [...company, ...map.key.map(({ finops }) => row[finops])].map((part) => String(part).toLowerCase()).join('|');
}

function dataverseKey(map: TableMap, row: Row, tables: DataverseTables): string {
  const company = '_msdyn_company_value' in row ? [tables.text(row, 'msdyn_company.cdm_companycode')] : [];
  return [...company, ...map.key.map(({ dataverse }) => tables.text(row, dataverse))]
    .map((part) => part.toLowerCase())
    .join('|');
}

function differencesOf(twin: Twin, finops: Row, dataverse: Row, tables: DataverseTables): string[] {
  const expected = twin.toDataverse(finops);
  const differences: string[] = [];
  for (const { finops: field, dataverse: path, direction } of twin.map.fields) {
    // A constant goes along with a write to Dataverse; a record that was born there need not have it.
    if (field === null || path === null || direction === 'dataverse-to-finops') continue;
    const want = expectedText(expected, path);
    const have = tables.text(dataverse, path);
    // A row that F&O made for one of Dataverse has nothing of its own in columns that flow one way.
    if (direction !== 'both' && NOTHING.has(want)) continue;
    if (!same(want, have)) differences.push(`${path}: F&O has "${want}", Dataverse has "${have}"`);
  }
  return differences;
}

function expectedText(expected: Row, path: string): string {
  const [name = '', segment] = path.split('.');
  if (segment === undefined) return String(expected[name] ?? '');
  const reference = (expected[`${name}@key`] ?? {}) as Record<string, unknown>;
  const column = /\((\w+)\)$/.exec(segment)?.[1] ?? segment;
  return String(reference[column] ?? '');
}

/** How F&O shows a number, a switch or a date without a value: it knows no null. */
const NOTHING: ReadonlySet<string> = new Set(['', '0', 'false', '1900-01-01']);

/** Keys of both systems ignore case. */
function same(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => (NOTHING.has(text) ? '' : text.trim().toLowerCase()));
  return a === b || (a !== '' && b !== '' && Number(a) === Number(b));
}
