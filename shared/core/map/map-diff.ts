import { mapConditions } from './filter/filter.ts';
import { FilterSyntaxError } from './filter/filter-tokens.ts';
import { parseFilter } from './filter/parse-filter.ts';
import type { FieldMapping, TableMap, ValueTransform } from './table-map.ts';

/** One difference in what two maps do. `before` and `after` are null where the part is missing. */
export interface MapChange {
  kind: 'added' | 'removed' | 'changed';
  /** The part of the map: `field NAME = name`, `finops.filter`, `deletes.dataverseToFinops`. */
  part: string;
  /** Which member of a field; absent for whole parts. */
  member?: 'columns' | 'direction' | 'transform';
  before: unknown;
  after: unknown;
}

/**
 * What changes when the map `before` is replaced by `after`. Order of rows, blanks in filters and case of symbols make
 * no difference, nor do notes and what was kept from dual-write.
 */
export function diffMaps(before: TableMap, after: TableMap): MapChange[] {
  return [
    ...PARTS.flatMap(([part, value]) => compared(part, value(before), value(after))),
    ...byName('key', before.key.map(keyEntry), after.key.map(keyEntry)),
    ...fieldChanges(before.fields, after.fields),
    ...byName('conflict.fields', conflictEntries(before), conflictEntries(after)),
    ...byName('event', before.events.map(eventEntry), after.events.map(eventEntry)),
  ];
}

const PARTS: readonly [part: string, value: (map: TableMap) => unknown][] = [
  ['id', ({ id }) => id],
  ['version', ({ version }) => version],
  ['publisher', ({ publisher }) => publisher],
  ['title', ({ title }) => title],
  ['finops.entity', ({ finops }) => finops.entity],
  ['finops.filter', ({ finops }) => sameFilter(finops.filter, 'range')],
  ['finops.numberSequence', ({ finops }) => finops.numberSequence ?? null],
  ['dataverse.table', ({ dataverse }) => dataverse.table],
  ['dataverse.filter', ({ dataverse }) => sameFilter(dataverse.filter, 'odata')],
  ['dataverse.reopenToEdit', ({ dataverse }) => dataverse.reopenToEdit ?? null],
  ['dataverse.merge', ({ dataverse }) => dataverse.merge ?? null],
  ['matchBy', ({ matchBy }) => matchBy ?? null],
  ['conflict.policy', ({ conflict }) => conflict.policy],
  ['master', ({ master }) => master],
  ['deletes.finopsToDataverse', ({ deletes }) => deletes.finopsToDataverse],
  ['deletes.dataverseToFinops', ({ deletes }) => deletes.dataverseToFinops],
  ['deactivation.finops', ({ deactivation }) => deactivation.finops ?? null],
  ['deactivation.dataverse', ({ deactivation }) => deactivation.dataverse ?? null],
  ['deleteGuard', ({ deleteGuard }) => deleteGuard],
];

/** A value that is compared by another form than it is shown in. */
class Compared {
  readonly shown: unknown;
  readonly form: string;
  constructor(shown: unknown, form: string) {
    this.shown = shown;
    this.form = form;
  }
}

/** Filters are the same when they parse to the same tree, whatever the case of column names. */
function sameFilter(text: string | null, language: 'range' | 'odata'): Compared | null {
  if (text === null || text.trim() === '') return null;
  try {
    const tree = mapConditions(parseFilter(text, language), (each) => ({ ...each, column: each.column.toLowerCase() }));
    return new Compared(text, stable(tree));
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return new Compared(text, text.trim());
  }
}

function compared(part: string, before: unknown, after: unknown, member?: MapChange['member']): MapChange[] {
  const form = (value: unknown): string => (value instanceof Compared ? value.form : stable(value));
  const shown = (value: unknown): unknown => (value instanceof Compared ? value.shown : value);
  if (form(before) === form(after)) return [];
  const kind = before === null ? 'added' : after === null ? 'removed' : 'changed';
  return [{ kind, part, ...(member === undefined ? {} : { member }), before: shown(before), after: shown(after) }];
}

type Entry = readonly [name: string, value: unknown];

function byName(part: string, before: readonly Entry[], after: readonly Entry[]): MapChange[] {
  const old = new Map(before);
  const now = new Map(after);
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names.flatMap((name) => compared(`${part} ${name}`, old.get(name) ?? null, now.get(name) ?? null));
}

function keyEntry(pair: TableMap['key'][number]): Entry {
  return [`${pair.finops} = ${pair.dataverse}`, `${pair.finops} = ${pair.dataverse}`];
}

function conflictEntries({ conflict }: TableMap): Entry[] {
  return Object.entries(conflict.fields ?? {});
}

function eventEntry(event: TableMap['events'][number]): Entry {
  return [event.businessEventId, event];
}

/** Rows are the same row where they have the same columns, else where they write the same Dataverse column. */
function fieldChanges(before: readonly FieldMapping[], after: readonly FieldMapping[]): MapChange[] {
  const left = [...before];
  const take = (test: (field: FieldMapping) => boolean): FieldMapping | null => {
    const index = left.findIndex(test);
    return index < 0 ? null : (left.splice(index, 1)[0] ?? null);
  };
  const exact = after.map((field) => take((old) => fieldName(old) === fieldName(field)));
  const old = after.map(
    (field, index) => exact[index] ?? take((each) => each.dataverse !== null && each.dataverse === field.dataverse),
  );
  const changes = after.flatMap((field, index) => {
    const was = old[index] ?? null;
    if (was !== null) return memberChanges(was, field);
    return [{ kind: 'added' as const, part: `field ${fieldName(field)}`, before: null, after: plain(field) }];
  });
  const removed = left.map((field): MapChange => {
    return { kind: 'removed', part: `field ${fieldName(field)}`, before: plain(field), after: null };
  });
  return [...removed, ...changes];
}

function memberChanges(before: FieldMapping, after: FieldMapping): MapChange[] {
  const part = `field ${fieldName(before)}`;
  return [
    ...compared(part, fieldName(before), fieldName(after), 'columns'),
    ...compared(part, before.direction, after.direction, 'direction'),
    ...compared(part, sameTransform(before.transform), sameTransform(after.transform), 'transform'),
  ];
}

function fieldName({ finops, dataverse }: FieldMapping): string {
  return `${finops ?? '(constant)'} = ${dataverse ?? '(constant)'}`;
}

function plain({ dualWrite: _, ...field }: FieldMapping): object {
  return field;
}

/** Value maps are the same when both directions find the same values; the first pair listed wins. */
function sameTransform(transform: ValueTransform | undefined): Compared | null {
  if (transform === undefined) return null;
  if (transform.type !== 'value-map') return new Compared(transform, stable(transform));
  const folded = transform.pairs.map(([symbol, text]) => [symbol.toLowerCase(), text.toLowerCase()] as const);
  const first = (pairs: readonly (readonly [string, string])[]): object =>
    Object.fromEntries(pairs.toReversed().map(([from, to]) => [`:${from}`, to]));
  const back = folded.map(([symbol, text]) => [text, symbol] as const);
  return new Compared(transform, stable([first(folded), first(back)]));
}

/** JSON in which the order of members does not show. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
