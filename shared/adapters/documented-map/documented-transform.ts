import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../../core/map/map-codes.ts';
import type { ValueTransform } from '../../core/map/table-map.ts';
import type { DocumentedRow } from './documented-map.ts';

interface ReadTransform {
  transform?: ValueTransform;
  findings: Finding[];
}

type Pairs = [string, string][];

/**
 * The transform of a row. It may be told twice, as a text for readers and as data; the data are taken, but in the order
 * of the text, because backwards the first pair wins and an object does not keep the order of numbers.
 */
export function readTransform(row: DocumentedRow, path: string): ReadTransform {
  const text = textForm(row.transform);
  const pairs = row.valueMap ?? (text.kind === 'value-map' ? text.pairs : []);
  const constant = row.default ?? (text.kind === 'default' ? text.value : null);
  const told = [...unclear(row, text), ...contradictions(row, text)];
  const findings = told.map(([code, member, message]): Finding => ({ code, path: `${path}.${member}`, message }));
  if (pairs.length > 0) {
    const ordered = text.kind === 'value-map' && samePairs(pairs, text.pairs) ? text.pairs : pairs;
    return { transform: { type: 'value-map', pairs: ordered }, findings };
  }
  return constant === null ? { findings } : { transform: { type: 'default', value: constant }, findings };
}

type Told = [code: Finding['code'], member: string, message: string];

/** A transform that the source has, but does not tell so that it could be taken over. */
function unclear(row: DocumentedRow, text: TextForm): Told[] {
  if (text.kind === 'unknown') return [['C05', 'transform', `the transform "${text.text}" is not understood`]];
  const changes = text.kind === 'none' && /^(?:><|>>|<<)$/.test(row.mapType ?? '');
  const structured = (row.valueMap ?? []).length > 0 || row.default != null;
  if (structured || (text.kind !== 'not-told' && !changes)) return [];
  return [['C03', 'transform', `the symbol ${row.mapType ?? ''} says that the values change, but not how`]];
}

function contradictions(row: DocumentedRow, text: TextForm): Told[] {
  const pairs = row.valueMap ?? [];
  if (row.default != null && (pairs.length > 0 || text.kind === 'value-map')) {
    return [['C12', 'default', `the row has a value map and the default "${row.default}" as well`]];
  }
  if (text.kind === 'value-map' && pairs.length > 0 && !samePairs(pairs, text.pairs)) {
    return [['C06', 'valueMap', 'the value map differs from the text of the transform']];
  }
  if (text.kind === 'default' && pairs.length > 0) {
    return [['C12', 'transform', `the row has a value map and the default "${text.value}" as well`]];
  }
  if (text.kind === 'default' && row.default != null && row.default !== text.value) {
    return [['C06', 'default', `the default "${row.default}" differs from that of the text, "${text.value}"`]];
  }
  return [];
}

type TextForm =
  | { kind: 'none' | 'not-told' }
  | { kind: 'default'; value: string }
  | { kind: 'value-map'; pairs: Pairs }
  | { kind: 'unknown'; text: string };

/** Reads `default: 3`, `` `no` : `False`<br>`yes` : `True` `` and the remark that the transform is not given. */
function textForm(text: string | null | undefined): TextForm {
  const plain = (text ?? '').replace(/&nbsp;/g, ' ').trim();
  if (plain === '' || plain.toLowerCase() === 'none') return { kind: 'none' };
  if (/\bnot (?:given|printed|told)\b/.test(plain)) return { kind: 'not-told' };
  const constant = /^default(?: value)?\s*:\s*(.*)$/is.exec(plain);
  if (constant !== null) return { kind: 'default', value: bare(constant[1] ?? '') };
  const lines = plain.split(/<br\s*\/?>|\n/i).filter((line) => line.trim() !== '');
  const pairs = lines.map(pairOf);
  return pairs.every((pair) => pair !== null) ? { kind: 'value-map', pairs } : { kind: 'unknown', text: plain };
}

/** `` `a` : `b` ``; without back-quotes the first colon parts the two. The unquoted word blank stands for no value. */
function pairOf(line: string): [string, string] | null {
  const quoted = /^\s*(`[^`]*`|[^`:]*?)\s*:\s*(`[^`]*`|[^`]*?)\s*$/.exec(line);
  return quoted === null ? null : [bare(quoted[1] ?? ''), bare(quoted[2] ?? '')];
}

function bare(text: string): string {
  const trimmed = text.trim();
  if (/^`.*`$/s.test(trimmed)) return trimmed.slice(1, -1);
  return /^[*_]*blank[*_]*$/i.test(trimmed) ? '' : trimmed;
}

/** The same pairs, whatever their order; a text may list one twice. */
function samePairs(one: Pairs, other: Pairs): boolean {
  const sorted = (pairs: Pairs): string[] => [...new Set(pairs.map((pair) => JSON.stringify(pair)))].sort();
  return isDeepStrictEqual(sorted(one), sorted(other));
}
