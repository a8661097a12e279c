import type { Command } from 'commander';
import { diffMaps, type MapChange } from '../shared/core/map/map-diff.ts';
import type { FieldMapping, TableMap, ValueTransform } from '../shared/core/map/table-map.ts';
import type { Context } from './context.ts';
import { mapIn } from './map-files.ts';
import { table } from './table.ts';

/** How dual-write draws directions; a doubled or crossed symbol says that values change on the way. */
const SYMBOLS = {
  both: ['=', '><'],
  'finops-to-dataverse': ['>', '>>'],
  'dataverse-to-finops': ['<', '<<'],
} as const;

function symbolOf({ direction, transform }: FieldMapping): string {
  return SYMBOLS[direction][transform === undefined ? 0 : 1];
}

const PAIRS_SHOWN = 4;

function transformText(transform: ValueTransform | undefined): string {
  if (transform === undefined) return '';
  switch (transform.type) {
    case 'value-map': {
      const shown = transform.pairs.slice(0, PAIRS_SHOWN).map(([symbol, text]) => `${symbol || "''"}:${text || "''"}`);
      const more = transform.pairs.length - shown.length;
      return more > 0 ? `${shown.join(' ')} … ${more} more` : shown.join(' ');
    }
    case 'default':
      return `default ${transform.value === '' ? "''" : transform.value}`;
    case 'case':
      return `${transform.to} case`;
    case 'truncate':
      return `first ${transform.length}`;
    case 'substring':
      return `from ${transform.start}${transform.length === undefined ? '' : `, ${transform.length} long`}`;
    case 'round':
      return `round ${transform.digits}`;
    case 'factor':
      return `times ${transform.by}`;
    case 'time-zone':
      return `day in ${transform.zone}`;
    case 'expression':
      return transform.cel;
  }
}

function mapTable(map: TableMap): string {
  const keys = new Set(map.key.map(({ finops, dataverse }) => `${finops} ${dataverse}`));
  const policies = map.conflict.fields ?? {};
  const rows = map.fields.map((field) => [
    keys.has(`${field.finops} ${field.dataverse}`) ? 'key' : '',
    field.finops ?? '—',
    symbolOf(field),
    field.dataverse ?? '—',
    transformText(field.transform),
    policies[field.finops ?? ''] ?? policies[field.dataverse ?? ''] ?? '',
  ]);
  const head = [
    `${map.id} ${map.version} (${map.publisher}): ${map.title}`,
    ...(map.note === undefined ? [] : [map.note]),
    `F&O entity       ${map.finops.entity}${filterText(map.finops.filter)}`,
    `Dataverse table  ${map.dataverse.table}${filterText(map.dataverse.filter)}`,
    `Conflicts        ${map.conflict.policy}; first contact: ${map.master}`,
    `Deletions        to Dataverse: ${map.deletes.finopsToDataverse}, to F&O: ${map.deletes.dataverseToFinops}`,
    ...settingsText(map),
    ...(map.inferred ?? []).map((what) => `Inferred         ${what}`),
  ];
  return [...head, '', table(['', 'F&O FIELD', '', 'DATAVERSE COLUMN', 'TRANSFORM', 'CONFLICT'], rows)].join('\n');
}

function settingsText({ finops, dataverse, matchBy }: TableMap): string[] {
  const { numberSequence } = finops;
  return [
    ...(matchBy === undefined ? [] : [`Alike            rows with the same ${matchBy.join(', ')} are one record`]),
    ...(numberSequence === undefined
      ? []
      : [`Numbers          F&O gives ${numberSequence.column}; ${numberSequence.matchColumn} bears the Dataverse id`]),
    ...(dataverse.reopenToEdit === true ? ['Closed rows      are opened to be edited'] : []),
    ...(dataverse.merge === undefined ? [] : [`Merged rows      ${dataverse.merge}`]),
  ];
}

function filterText(filter: string | null): string {
  return filter === null ? '' : ` where ${filter}`;
}

/** `+`, `-` or `~`, the part, and both values of what changed. */
function changeLine({ kind, part, member, before, after }: MapChange): string {
  const what = member === undefined ? part : `${part}: ${member}`;
  if (kind === 'changed') return `~ ${what} ${text(before)} → ${text(after)}`;
  const mark = kind === 'added' ? '+' : '-';
  const value = kind === 'added' ? after : before;
  return part.startsWith('key ') ? `${mark} ${what}` : `${mark} ${what} ${fieldText(value) ?? text(value)}`;
}

/** The rest of a whole field, whose columns its name tells. */
function fieldText(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('direction' in value)) return null;
  const field = value as FieldMapping;
  return `${field.direction} ${transformText(field.transform)}`.trimEnd();
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'type' in value) return transformText(value as ValueTransform);
  return JSON.stringify(value);
}

/** `maps show` and `maps diff`. */
export function addShowCommands(maps: Command, { print }: Pick<Context, 'print'>): void {
  maps
    .command('show <file>')
    .description('shows a map file as a table; = both ways, > to Dataverse, < to F&O, doubled where values change')
    .action((file: string) => {
      const map = mapIn(file);
      print(map, () => mapTable(map));
    });
  maps
    .command('diff <before> <after>')
    .description('tells what another version of a map does otherwise; ends with 1 where there is a difference')
    .action((before: string, after: string) => {
      const changes = diffMaps(mapIn(before), mapIn(after));
      print(changes, () => (changes.length === 0 ? 'The maps do the same.' : changes.map(changeLine).join('\n')));
      process.exitCode = changes.length === 0 ? 0 : 1;
    });
}
