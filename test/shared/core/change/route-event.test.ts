import { describe, expect, it } from 'vitest';
import type { BusinessEvent, RowEvent } from '../../../../shared/core/change/change.ts';
import { mergeChanges } from '../../../../shared/core/change/merge-changes.ts';
import { isBound, type Route, routeEvent } from '../../../../shared/core/change/route-event.ts';
import { DELETED_BY_KEY } from '../../../../shared/core/record/row.ts';
import { CUSTOMER_MAP, GROUP_MAP } from '../../../simulation/simulated-maps.ts';
import { NOW, smallMap } from '../small-world.ts';

const routes: Route[] = [
  { map: GROUP_MAP, finopsPhysicalName: 'groupsentity' },
  { map: CUSTOMER_MAP, finopsPhysicalName: 'customersentity' },
];

function rowEvent(more: Partial<RowEvent> = {}): RowEvent {
  return {
    type: 'row',
    id: 'e1',
    side: 'finops',
    table: 'Customers',
    kind: 'update',
    rowId: '68719',
    columns: { dataareaid: 'USMF', account: 'C1' },
    occurredAt: null,
    ...more,
  };
}

describe('routeEvent', () => {
  it('makes a hint for each map of the table, by key where the event tells it', () => {
    expect(routeEvent(rowEvent(), routes, NOW)).toEqual([
      {
        mapId: 'customers',
        key: 'usmf|c1',
        hinted: ['finops'],
        rowIds: { finops: ['68719'] },
        deletedIds: {},
        full: false,
        attempts: 0,
        releases: 0,
        sinceMs: NOW,
      },
    ]);
    const twice = [...routes, { map: { ...CUSTOMER_MAP, id: 'customers-too' }, finopsPhysicalName: null }];
    expect(routeEvent(rowEvent(), twice, NOW).map(({ mapId }) => mapId)).toEqual(['customers', 'customers-too']);
  });

  it('knows an F&O table by its physical name, too, and both without case', () => {
    expect(routeEvent(rowEvent({ table: 'CustomersEntity' }), routes, NOW)).toHaveLength(1);
    expect(routeEvent(rowEvent({ table: 'CUSTOMERS' }), routes, NOW)).toHaveLength(1);
    expect(routeEvent(rowEvent({ table: 'vendors' }), routes, NOW)).toEqual([]);
    expect(routeEvent(rowEvent({ side: 'dataverse', table: 'customersentity' }), routes, NOW)).toEqual([]);
  });

  it('names a Dataverse row by its id, because its events tell no reliable key', () => {
    const event = rowEvent({ side: 'dataverse', table: 'customer', rowId: 'guid', columns: {} });
    expect(routeEvent(event, routes, NOW)).toMatchObject([
      { key: null, rowIds: { dataverse: ['guid'] }, hinted: ['dataverse'] },
    ]);
  });

  it('R5: keeps which row a delete event named, or that it named the key', () => {
    const byId = routeEvent(rowEvent({ kind: 'delete' }), routes, NOW);
    expect(byId).toMatchObject([{ deletedIds: { finops: ['68719'] } }]);
    const byKey = routeEvent(rowEvent({ kind: 'delete', rowId: null }), routes, NOW);
    expect(byKey).toMatchObject([{ deletedIds: { finops: [DELETED_BY_KEY] }, rowIds: {} }]);
  });

  it('falls back to the row id where a key column is missing, and to nothing where both are', () => {
    expect(routeEvent(rowEvent({ columns: { account: 'C1' } }), routes, NOW)).toMatchObject([{ key: null }]);
    expect(routeEvent(rowEvent({ columns: { account: 'C1' }, rowId: null }), routes, NOW)).toEqual([]);
  });
});

it('a create event says so, for as long as it stands alone', () => {
  const [created] = routeEvent(rowEvent({ kind: 'create' }), routes, NOW);
  expect(created?.created).toBe(true);
  expect(routeEvent(rowEvent(), routes, NOW)[0]?.created).toBeUndefined();
  const both = created === undefined ? [] : mergeChanges([created, created]);
  expect(both).toMatchObject([{ key: 'usmf|c1' }]);
  expect(both[0]?.created).toBeUndefined();
});

describe('an update that says what was written', () => {
  const event = (changed: string[], more: Partial<RowEvent> = {}) => rowEvent({ changed, ...more });

  it('is no hint for a map that reads none of it', () => {
    expect(routeEvent(event(['unmapped', 'modifiedon']), routes, NOW)).toEqual([]);
    expect(isBound(event(['unmapped']), routes)).toBe(true);
    expect(isBound(event(['unmapped'], { table: 'other' }), routes)).toBe(false);
    expect(routeEvent(event(['unmapped', 'kind']), routes, NOW)).toMatchObject([
      { news: { unmapped: null, kind: null } },
    ]);
  });

  it('names a lookup by its own column, whatever is mapped through it', () => {
    const lookup = event(['parentgroup'], { side: 'dataverse', table: 'customer', columns: {} });
    expect(routeEvent(lookup, routes, NOW)).toMatchObject([{ news: { parentgroup: null } }]);
  });

  it('is a hint all the same where a column that is read follows from others, or it is no update', () => {
    const sides = { ...CUSTOMER_MAP.sides, finops: { ...CUSTOMER_MAP.sides.finops, toldByEvents: false } };
    const computed = [{ map: { ...CUSTOMER_MAP, sides }, finopsPhysicalName: null }];
    expect(routeEvent(event(['unmapped']), computed, NOW)).toHaveLength(1);
    expect(routeEvent(event(['unmapped'], { kind: 'create' }), routes, NOW)).toHaveLength(1);
    expect(routeEvent(event([]), routes, NOW)).toMatchObject([{ key: 'usmf|c1' }]);
    expect(routeEvent(event([]), routes, NOW)[0]?.news).toBeUndefined();
  });
});

describe('business events', () => {
  const map = {
    ...CUSTOMER_MAP,
    events: [{ businessEventId: 'CustomerChanged', company: 'LegalEntity', key: { Account: 'AccountNum' } }],
  };
  const event = (members: Record<string, string>, company: string | null = null): BusinessEvent => ({
    type: 'business',
    id: 'b1',
    businessEventId: 'CustomerChanged',
    company,
    members,
    occurredAt: null,
  });
  const keyOf = (given: BusinessEvent) => routeEvent(given, [{ map, finopsPhysicalName: null }], NOW)[0]?.key;

  it('name the record by the members that the map binds to its key', () => {
    expect(keyOf(event({ AccountNum: 'C1', LegalEntity: 'USMF' }))).toBe('usmf|c1');
    expect(keyOf(event({ AccountNum: 'C1' }, 'DEMF'))).toBe('demf|c1');
  });

  it('are no hint where a member is missing or no map listens', () => {
    expect(keyOf(event({ LegalEntity: 'USMF' }))).toBeUndefined();
    expect(keyOf(event({ AccountNum: 'C1' }))).toBeUndefined();
    expect(keyOf({ ...event({ AccountNum: 'C1', LegalEntity: 'USMF' }), businessEventId: 'Other' })).toBeUndefined();
    expect(routeEvent(event({}), [{ map: smallMap(), finopsPhysicalName: null }], NOW)).toEqual([]);
  });
});
