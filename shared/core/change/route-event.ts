import type { CompiledMap } from '../map/compiled-map.ts';
import type { EventBinding } from '../map/table-map.ts';
import { canonicalValue, NotCanonicalError } from '../record/canonical-value.ts';
import { DELETED_BY_KEY } from '../record/row.ts';
import type { BusinessEvent, Change, ChangeEvent, RowEvent } from './change.ts';

/** What the router must know of a map besides the map: the physical name that F&O's data events use for its entity. */
export interface Route {
  map: CompiledMap;
  /** Lower case; null where it is not known. */
  finopsPhysicalName: string | null;
}

/** Every record of every map that an event is a hint for; empty when no map listens to it. */
export function routeEvent(event: ChangeEvent, routes: readonly Route[], nowMs: number): Change[] {
  return routes.flatMap((route) => {
    const change = event.type === 'row' ? routeRow(event, route, nowMs) : routeBusiness(event, route.map, nowMs);
    return change === null ? [] : [change];
  });
}

function routeRow(event: RowEvent, route: Route, nowMs: number): Change | null {
  const { map } = route;
  if (!isOfTable(event, route) || !concerns(event, map)) return null;
  const key = event.side === 'finops' ? keyFrom(map, (column) => event.columns[column.toLowerCase()]) : null;
  if (key === null && event.rowId === null) return null;
  const news = newsOf(event);
  const deleted = event.kind === 'delete' ? [event.rowId ?? DELETED_BY_KEY] : [];
  return {
    mapId: map.id,
    key,
    hinted: [event.side],
    rowIds: event.rowId === null ? {} : { [event.side]: [event.rowId] },
    deletedIds: deleted.length > 0 ? { [event.side]: deleted } : {},
    ...(news === null ? {} : { news }),
    ...(event.kind === 'create' ? { created: true } : {}),
    full: false,
    attempts: 0,
    releases: 0,
    sinceMs: nowMs,
  };
}

/** Whether a map listens to events of this kind, be this one of concern to it or not. */
export function isBound(event: ChangeEvent, routes: readonly Route[]): boolean {
  if (event.type === 'row') return routes.some((route) => isOfTable(event, route));
  return routes.some(({ map }) => bindingOf(event, map) !== undefined);
}

function isOfTable({ side, table }: RowEvent, { map, finopsPhysicalName }: Route): boolean {
  const { table: own } = map.sides[side];
  if (table === own) return true;
  const told = table.toLowerCase();
  return told === own.toLowerCase() || (side === 'finops' && told === finopsPhysicalName);
}

/** An update that says what was written is no hint for a map that reads none of it. */
function concerns(event: RowEvent, map: CompiledMap): boolean {
  const { readColumns, toldByEvents } = map.sides[event.side];
  const written = writtenIn(event);
  return written === null || !toldByEvents || written.some((column) => readColumns.has(column));
}

/** Null where the event does not say what was written: an empty list says nothing. */
function writtenIn({ kind, changed = [] }: RowEvent): readonly string[] | null {
  return kind === 'update' && changed.length > 0 ? changed : null;
}

/** What an update says was written; null when it does not say. */
function newsOf(event: RowEvent): Readonly<Record<string, string | null>> | null {
  const written = writtenIn(event);
  return written === null ? null : Object.fromEntries(written.map((column) => [column, event.columns[column] ?? null]));
}

function routeBusiness(event: BusinessEvent, map: CompiledMap, nowMs: number): Change | null {
  const binding = bindingOf(event, map);
  if (binding === undefined) return null;
  const key = keyFrom(map, (column) => boundMember(event, binding, map, column));
  if (key === null) return null;
  return {
    mapId: map.id,
    key,
    hinted: ['finops'],
    rowIds: {},
    deletedIds: {},
    full: false,
    attempts: 0,
    releases: 0,
    sinceMs: nowMs,
  };
}

function bindingOf(event: BusinessEvent, map: CompiledMap): EventBinding | undefined {
  return map.events.find((candidate) => candidate.businessEventId === event.businessEventId);
}

function boundMember(
  event: BusinessEvent,
  binding: EventBinding,
  map: CompiledMap,
  column: string,
): string | undefined {
  if (column === map.sides.finops.companyColumn) {
    return binding.company === undefined ? undefined : (event.members[binding.company] ?? event.company ?? undefined);
  }
  const member = binding.key[column];
  return member === undefined ? undefined : event.members[member];
}

function keyFrom(map: CompiledMap, columnText: (column: string) => string | undefined): string | null {
  const values: Record<string, string | null> = {};
  for (const column of map.sides.finops.keyColumns) {
    const text = columnText(column);
    if (text === undefined) return null;
    try {
      values[column] = canonicalValue(text, map.sides.finops.typeOf(column));
    } catch (error) {
      if (!(error instanceof NotCanonicalError)) throw error;
      return null;
    }
  }
  return map.keyOf('finops', { id: '', values });
}
