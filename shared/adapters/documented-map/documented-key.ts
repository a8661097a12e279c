import type { Finding } from '../../core/map/map-codes.ts';
import type { FieldMapping, TableMap } from '../../core/map/table-map.ts';
import type { DocumentedMap } from './documented-map.ts';

interface ReadKey {
  /** Null where the source tells no key that the fields could fill. */
  key: TableMap['key'] | null;
  findings: Finding[];
}

const COMPANY = /(?:^|\.)cdm_companycode$/i;

/**
 * The integration key. Company columns are left out: the table's metadata tell where the company of a row is, its own
 * or its parent's. A key whose columns are not all mapped cannot tell records apart, so the rest of it is not taken.
 */
export function readKey({ keys }: DocumentedMap, fields: readonly FieldMapping[]): ReadKey {
  const told = keys?.pairs ?? [];
  const columns = keys?.dataverse ?? told.map((pair) => pair.dataverse);
  const findings: Finding[] = [];
  const pairs = columns.flatMap((column, index): TableMap['key'] => {
    const path = `keys.dataverse[${index}]`;
    const named = told.find((pair) => same(pair.dataverse, column))?.fo ?? undefined;
    const field = fields.find(
      ({ finops, dataverse }) =>
        finops !== null &&
        dataverse !== null &&
        same(dataverse, column) &&
        (named === undefined || same(finops, named)),
    );
    if (field !== undefined) return [{ finops: field.finops ?? '', dataverse: field.dataverse ?? '' }];
    if (COMPANY.test(column)) {
      findings.push({ code: 'C11', path, message: `${column} is the company, which every key has without being told` });
      return [];
    }
    findings.push({ code: 'C09', path, message: `the key column ${column} is not mapped, so the key is not taken` });
    return [];
  });
  const whole = pairs.length > 0 && !findings.some(({ code }) => code === 'C09');
  return { key: whole ? pairs : null, findings };
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
