import { describe, expect, it } from 'vitest';
import type { IntendedWrite, Link } from '../../../../shared/core/link/link.ts';
import { type Settlement, settleIntent } from '../../../../shared/core/link/settle-intent.ts';
import type { RowState } from '../../../../shared/core/record/row.ts';
import type { Side } from '../../../../shared/core/record/side.ts';
import { ABSENT, deleted, linkOf, rowIn, smallMap } from '../small-world.ts';

const map = smallMap();

function write(operation: IntendedWrite['operation'], more: Partial<IntendedWrite> = {}): IntendedWrite {
  const rowId = operation === 'insert' ? null : 'dataverse-row';
  const ifMatch = operation === 'insert' ? null : 'dataverse-2';
  const pairs = operation === 'delete' ? {} : { a: ['new', 'new'] as const };
  return { operation, rowId, address: rowId, ifMatch, pairs, extra: {}, unknown: false, refused: false, ...more };
}

function settle(
  intended: IntendedWrite,
  dataverse: RowState,
  link: Partial<Link> = {},
  side: Side = 'dataverse',
): Settlement {
  const intent = {
    id: 'i',
    writes: { [side]: intended },
    seen: { finops: null, dataverse: null },
    mapVersion: '1.0.0.0',
    backflow: false,
  };
  const rows = { finops: rowIn('finops', 'new', 'b'), dataverse: ABSENT as RowState, [side]: dataverse };
  return settleIntent(map, linkOf(['a', 'a'], ['b', 'b'], { intent, ...link }), rows);
}

/** Done, pending or impossible, as the settlement shows it. */
function finding({ done, repeat, link }: Settlement): 'done' | 'pending' | 'impossible' {
  if (done.length > 0) return 'done';
  if (Object.keys(repeat).length > 0) return 'pending';
  expect(link.intent).toBeNull();
  return 'impossible';
}

const moved = { version: 'dataverse-3' };

describe('settleIntent', () => {
  it('R9: an update may still happen while its row has the version it was to change', () => {
    expect(finding(settle(write('update'), rowIn('dataverse', 'a', 'b')))).toBe('pending');
    expect(finding(settle(write('update'), { state: 'assumed' }))).toBe('pending');
  });

  it('R10: an update happened when the row moved on and one field bears its value, though others were overwritten', () => {
    const both = write('update', { pairs: { a: ['new', 'new'], b: ['new', 'new'] } });
    const settlement = settle(both, rowIn('dataverse', 'edited since', 'new', moved));
    expect(finding(settlement)).toBe('done');
    expect(settlement.link.base).toMatchObject({ a: ['new', 'new'], b: ['new', 'new'] });
    expect(settlement.link.assumed).toEqual(['a', 'b']);
    expect(settlement.link.sides.dataverse.version).toBeNull();
  });

  it('R9: an update can no longer happen when the row moved on without it, or is gone', () => {
    expect(finding(settle(write('update'), rowIn('dataverse', 'edited', 'b', moved)))).toBe('impossible');
    expect(finding(settle(write('update'), deleted('dataverse')))).toBe('impossible');
  });

  it('R10: an insert with a chosen GUID happened when the row has that GUID, and only then', () => {
    const chosen = write('insert', { rowId: 'chosen' });
    expect(finding(settle(chosen, rowIn('dataverse', 'edited', 'b', { id: 'chosen' })))).toBe('done');
    expect(finding(settle(chosen, rowIn('dataverse', 'new', 'b', { id: 'by a user' })))).toBe('impossible');
    expect(finding(settle(chosen, ABSENT))).toBe('pending');
  });

  it('R10: an insert that happened and whose row a user deleted meanwhile is not repeated', () => {
    const chosen = write('insert', { rowId: 'chosen' });
    const settlement = settle(chosen, { state: 'absent', deletedIds: ['chosen'], scanned: false });
    expect(finding(settlement)).toBe('done');
    expect(settlement.link).toMatchObject({
      state: 'linked',
      sides: { dataverse: { rowId: 'chosen', presence: 'present' } },
    });
  });

  it('R10: an insert into F&O happened when a row with the key bears one of its values', () => {
    const insert = write('insert', { pairs: { a: ['new', 'new'], b: ['b2', 'b2'] } });
    const found = (a: string, b: string) =>
      settle(insert, rowIn('finops', a, b), { base: null, state: 'new' }, 'finops');
    expect(finding(found('new', 'edited'))).toBe('done');
    expect(finding(found("a user's", "a user's"))).toBe('impossible');
  });

  it('R10 I5: a row outside the filter under the key of an insert is ours only if it bears all that was intended', () => {
    const insert = write('insert', { pairs: { a: ['new', 'new'], b: ['b2', 'b2'] } });
    const found = (a: string, b: string) => {
      const row = rowIn('finops', a, b);
      const outside: RowState = row.state === 'in' ? { ...row, state: 'outside' } : row;
      return finding(settle(insert, outside, { base: null, state: 'new' }, 'finops'));
    };
    expect(found('new', "another map's")).toBe('impossible');
    expect(found('new', 'b2')).toBe('done');
  });

  it('R10: an insert that was refused did not happen, though a row with the key bears one of its values', () => {
    const refused = write('insert', { pairs: { a: ['same', 'same'], b: ['b2', 'b2'] }, refused: true });
    const settlement = settle(refused, rowIn('finops', 'same', "a user's"), { base: null, state: 'new' }, 'finops');
    expect(finding(settlement)).toBe('impossible');
    expect(settlement.link.state).toBe('new');
  });

  it('R9: a deletion happened when its row is gone or another has taken its place, and waits while the row is as it was', () => {
    expect(finding(settle(write('delete'), ABSENT))).toBe('done');
    expect(finding(settle(write('delete'), rowIn('dataverse', 'a', 'b', { id: 'another' })))).toBe('done');
    expect(finding(settle(write('delete'), rowIn('dataverse', 'a', 'b')))).toBe('pending');
    expect(finding(settle(write('delete'), rowIn('dataverse', 'a', 'b', moved)))).toBe('impossible');
    expect(finding(settle(write('delete'), { state: 'assumed' }))).toBe('pending');
  });

  it('R10: a refused write happened at an earlier attempt where its row bears all of it, and may have where it bears some', () => {
    const refused = write('update', { pairs: { a: ['new', 'new'], b: ['b2', 'b2'] }, refused: true });
    const all = settle(refused, rowIn('dataverse', 'new', 'b2', moved));
    expect(finding(all)).toBe('done');
    expect(all.link.assumed).toEqual(['a', 'b']);
    const some = settle(refused, rowIn('dataverse', 'new', 'edited', moved));
    expect(finding(some)).toBe('impossible');
    expect(some.afterUnknown).toBe(true);
    const none = settle(refused, rowIn('dataverse', 'edited', 'edited', moved));
    expect(finding(none)).toBe('impossible');
    expect(none.afterUnknown).toBe(false);
  });

  it('R9: the version that the plan had seen of a row says nothing once the write to it is found done', () => {
    const intent = {
      id: 'i',
      writes: { finops: { ...write('update'), rowId: 'finops-row', ifMatch: 'finops-2' }, dataverse: write('update') },
      seen: { finops: 'finops-2', dataverse: 'dataverse-2' },
      mapVersion: '1.0.0.0',
      backflow: false,
    };
    const rows = {
      finops: rowIn('finops', 'new', 'b', { version: 'finops-3' }),
      dataverse: rowIn('dataverse', 'a', 'b'),
    };
    const settlement = settleIntent(map, linkOf(['a', 'a'], ['b', 'b'], { intent }), rows);
    expect(settlement.done).toEqual(['finops']);
    expect(settlement.link.intent?.seen).toEqual({ finops: null, dataverse: 'dataverse-2' });
  });

  it('R2: an answer on its way back is not forgotten because another write is found done, but because it is itself', () => {
    const backflow = { from: 'finops', fields: ['b'] } as const;
    const carrying = (itself: boolean) => {
      const intent = {
        id: 'i',
        writes: { dataverse: write('update') },
        seen: { finops: null, dataverse: null },
        mapVersion: '1.0.0.0',
        backflow: itself,
      };
      return settle(write('update'), rowIn('dataverse', 'new', 'b', moved), { intent, backflow }).link.backflow;
    };
    expect(carrying(false)).toEqual(backflow);
    expect(carrying(true)).toBeNull();
  });

  it('R17: of a decision for both sides that only one bears, nothing is agreed yet', () => {
    const intent = {
      id: 'i',
      writes: { finops: { ...write('update'), rowId: 'finops-row', ifMatch: 'finops-2' }, dataverse: write('update') },
      seen: { finops: 'finops-2', dataverse: 'dataverse-2' },
      mapVersion: '1.0.0.0',
      backflow: false,
    };
    const finops = rowIn('finops', 'new', 'b', { version: 'finops-3' });
    const link = linkOf(['a', 'a'], ['b', 'b'], { intent });
    const half = settleIntent(map, link, { finops, dataverse: rowIn('dataverse', 'a', 'edited', moved) });
    expect(half.done).toEqual(['finops']);
    expect(half.link.base).toMatchObject({ a: ['a', 'a'] });
    const both = settleIntent(map, link, { finops, dataverse: rowIn('dataverse', 'new', 'b', moved) });
    expect(both.link.base).toMatchObject({ a: ['new', 'new'] });
  });

  it('R24: of what another version of the map wrote, only what this one knows is agreed, or repeated', () => {
    const both = write('update', { pairs: { a: ['new', 'new'], gone: ['x', 'x'] } });
    const intent = {
      id: 'i',
      writes: { dataverse: both },
      seen: { finops: null, dataverse: null },
      mapVersion: '0.9.0.0',
      backflow: false,
    };
    const link = linkOf(['a', 'a'], ['b', 'b'], { intent });
    const base = { ...link.base, gone: ['w', 'w'] as const };
    const found = settle(both, rowIn('dataverse', 'new', 'b', moved), { intent, base });
    expect(found.done).toEqual(['dataverse']);
    expect(found.link.base).toEqual({ key: ['k1', 'k1'], a: ['new', 'new'], b: ['b', 'b'] });
    const pending = settle(both, rowIn('dataverse', 'a', 'b'), { intent, base });
    expect(pending.repeat.dataverse?.pairs).toEqual({ a: ['new', 'new'] });
    expect(pending.link.intent?.mapVersion).toBe(map.version);
  });

  it('R9: a refused write that may still land casts doubt on what is found after the write made in its place', () => {
    const given = write('update', { unknown: true, refused: true });
    expect(settle(given, rowIn('dataverse', 'a', 'b'))).toMatchObject({ repeat: {}, givenUp: true });
    const intent = {
      id: 'i',
      writes: { dataverse: write('update') },
      seen: { finops: null, dataverse: null },
      mapVersion: '1.0.0.0',
      besideUnknown: true,
      backflow: false,
    };
    const landed = settle(write('update'), rowIn('dataverse', 'other', 'b', moved), { intent });
    expect(landed).toMatchObject({ done: [], afterUnknown: true });
  });

  it('R9: a refused write is dropped, an unknown one marks what is found after it', () => {
    const refused = settle(write('update', { refused: true }), rowIn('dataverse', 'a', 'b'));
    expect(finding(refused)).toBe('impossible');
    expect(refused.afterUnknown).toBe(false);
    expect(settle(write('update', { unknown: true }), rowIn('dataverse', 'a', 'b')).afterUnknown).toBe(true);
  });

  it('R9: what is left of an intent keeps its id and its other write', () => {
    const intent = {
      id: 'i',
      writes: { finops: write('update', { ifMatch: 'finops-2' }), dataverse: write('update') },
      seen: { finops: null, dataverse: null },
      mapVersion: '1.0.0.0',
      backflow: false,
    };
    const rows = { finops: rowIn('finops', 'a', 'b'), dataverse: rowIn('dataverse', 'new', 'b', moved) };
    const settlement = settleIntent(map, linkOf(['a', 'a'], ['b', 'b'], { intent }), rows);
    expect(settlement.done).toEqual(['dataverse']);
    expect(Object.keys(settlement.repeat)).toEqual(['finops']);
    expect(settlement.link.intent).toMatchObject({ id: 'i', writes: { finops: { ifMatch: 'finops-2' } } });
  });

  it('R9: a link without an intent is as it was', () => {
    const link = linkOf(['a', 'a'], ['b', 'b']);
    const rows = { finops: ABSENT, dataverse: ABSENT };
    expect(settleIntent(map, link, rows)).toEqual({ link, repeat: {}, done: [], afterUnknown: false, givenUp: false });
  });
});
