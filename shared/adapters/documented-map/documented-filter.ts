import { FilterSyntaxError } from '../../core/map/filter/filter-tokens.ts';
import { parseFilter } from '../../core/map/filter/parse-filter.ts';
import type { Finding } from '../../core/map/map-codes.ts';
import type { Side } from '../../core/record/side.ts';
import type { DocumentedMap, FilterByVersion } from './documented-map.ts';

interface ReadFilter {
  filter: string | null;
  /** First number of the map version that the filter belongs to; null where it is the same for all. */
  major: string | null;
  findings: Finding[];
}

/**
 * The filter of a side. Where it depends on the version of the map, that of the highest version is taken. One that does
 * not parse is kept, so that the map is refused: without it, rows would be synchronised that should not.
 */
export function readFilter(map: DocumentedMap, side: Side): ReadFilter {
  const member = side === 'finops' ? 'fo' : 'dataverse';
  const path = `filters.${member}`;
  const text = map.filters?.[member] ?? null;
  const versions = map.filters?.[`${member}ByVersion`] ?? (text === null ? [] : versionsIn(text));
  if (versions.length === 0) {
    const filter = plainFilter(text);
    return { filter, major: null, findings: syntaxFindings(filter, side, path) };
  }
  const latest = versions.reduce((best, each) => (majorOf(each) >= majorOf(best) ? each : best));
  const filter = plainFilter(latest.filter);
  const all = versions.map((each) => `${each.version}: ${plainFilter(each.filter) ?? 'none'}`).join('; ');
  const message = `the filter depends on the version of the map, that of ${latest.version} was taken (${all})`;
  return {
    filter,
    major: String(majorOf(latest)),
    findings: [{ code: 'C08', path, message }, ...syntaxFindings(filter, side, path)],
  };
}

/** Lines such as `- Version 2.x.x.x: a eq 1 <br>(remark)`; empty where the text is no such list. */
function versionsIn(text: string): FilterByVersion[] {
  const lines = text.split('\n').map((line) => /^\s*[-*]?\s*Version\s+([\dx.]+)\s*:\s*(.*)$/i.exec(line));
  return lines.flatMap((line) =>
    line === null ? [] : [{ version: line[1] ?? '', filter: (line[2] ?? '').replace(/<br\s*\/?>.*$/is, '') }],
  );
}

function majorOf({ version }: FilterByVersion): number {
  return Number.parseInt(version, 10) || 0;
}

/** The text of a filter without what a table of a page adds to it: breaks, entities, back-quotes, escaped bars. */
function plainFilter(text: string | null | undefined): string | null {
  const plain = (text ?? '')
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/&(nbsp|quot|lt|gt|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replace(/\\\|/g, '|')
    .replace(/[\u201C\u201D]/g, '"')
    .trim()
    .replace(/^`(.*)`$/s, '$1')
    .trim();
  return plain === '' || plain.toLowerCase() === 'none' ? null : plain;
}

const ENTITIES: Readonly<Record<string, string>> = { nbsp: ' ', quot: '"', lt: '<', gt: '>', amp: '&' };

function syntaxFindings(filter: string | null, side: Side, path: string): Finding[] {
  if (filter === null) return [];
  try {
    parseFilter(filter, side === 'finops' ? 'range' : 'odata');
    return [];
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return [{ code: 'M06', path, message: error.message }];
  }
}
