import { isLookup } from './lookup-path.ts';
import type { MapFinding } from './map-finding.ts';
import { isOneWay } from './one-way-transforms.ts';
import type { TableMap } from './table-map.ts';

/** A match rule compares mapped values in both directions; what the key tells already is no rule. */
export function checkMatchRule(map: TableMap): MapFinding[] {
  const found = (map.matchBy ?? []).flatMap((name) => {
    const message = misfit(map, name);
    return message === null ? [] : [{ code: 'M33' as const, where: 'matchBy', message }];
  });
  return found;
}

function misfit(map: TableMap, name: string): string | null {
  const named = map.fields.filter(({ finops, dataverse }) => finops === name || dataverse === name);
  const field = named.find(({ finops, dataverse }) => finops !== null && dataverse !== null);
  if (field === undefined) return `${name} is not mapped`;
  if (named.length > 1) return `${name} is mapped more than once`;
  if (map.key.some(({ finops }) => finops === field.finops)) return `${name} is part of the key`;
  if (isLookup(field.dataverse ?? '')) return `${name} is a lookup`;
  const { transform } = field;
  return transform !== undefined && isOneWay(transform) ? `the transform of ${name} has no way back` : null;
}
