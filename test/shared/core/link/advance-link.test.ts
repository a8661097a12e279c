import { describe, expect, it } from 'vitest';
import type { FaultClass } from '../../../../shared/core/fault/fault.ts';
import { type Advance, advanceLink, differingValues } from '../../../../shared/core/link/advance-link.ts';
import type { IntendedWrite, Intent, Link } from '../../../../shared/core/link/link.ts';
import type { PerSide } from '../../../../shared/core/record/side.ts';
import { RECENT_WRITES_MAX } from '../../../../shared/core/write/breaker.ts';
import type { WriteResult } from '../../../../shared/core/write/write-result.ts';
import { linkOf, NOW, smallMap, valuesOn } from '../small-world.ts';

const map = smallMap();

function update(side: 'finops' | 'dataverse', more: Partial<IntendedWrite> = {}): IntendedWrite {
  const rowId = `${side}-row`;
  const pairs = { a: ['new', 'new'] as const };
  return {
    operation: 'update',
    rowId,
    address: rowId,
    ifMatch: `${side}-2`,
    pairs,
    extra: {},
    unknown: false,
    refused: false,
    ...more,
  };
}

const done = (more: Partial<Extract<WriteResult, { kind: 'done' }>> = {}): WriteResult => ({
  kind: 'done',
  rowId: null,
  address: null,
  version: 'v3',
  differing: {},
  ...more,
});

const failed = (kind: FaultClass): WriteResult => ({
  kind: 'failed',
  fault: { code: 'TW205', class: kind, message: '' },
});

function advance(
  writes: Partial<PerSide<IntendedWrite>>,
  results: Partial<PerSide<WriteResult>>,
  more: Partial<Intent> = {},
  link: Partial<Link> = {},
): Advance {
  const intent: Intent = {
    id: 'i',
    writes,
    seen: { finops: 'finops-2', dataverse: 'dataverse-2' },
    mapVersion: '1.0.0.0',
    backflow: false,
    ...more,
  };
  const claim = { owner: 'me', untilMs: NOW + 1 };
  return advanceLink(map, linkOf(['a', 'a'], ['b', 'b'], { intent, claim, ...link }), results, NOW);
}

describe('advanceLink', () => {
  it('R14: carries base and both versions forward, and clears claim and intent', () => {
    const { link, done: sides, again } = advance({ dataverse: update('dataverse') }, { dataverse: done() });
    expect(sides).toEqual(['dataverse']);
    expect(again).toBe(false);
    expect(link).toMatchObject({ claim: null, intent: null, base: { a: ['new', 'new'], b: ['b', 'b'] } });
    expect(link.sides.dataverse).toMatchObject({ version: 'v3', confirmed: true, rowId: 'dataverse-row' });
    expect(link.sides.finops.version).toBe('finops-2');
  });

  it('R10: an inference is spent on the fields that were written, and kept for those of which nothing was made yet', () => {
    const { link } = advance({ dataverse: update('dataverse') }, { dataverse: done() }, {}, { assumed: ['a', 'b'] });
    expect(link.assumed).toEqual(['b']);
  });

  it('R9: after partial success keeps the write that was not done, and trusts no version until it is', () => {
    const writes = { finops: update('finops', { pairs: { b: ['new', 'new'] } }), dataverse: update('dataverse') };
    const { link, done: sides } = advance(writes, { finops: failed('stale'), dataverse: done() });
    expect(sides).toEqual(['dataverse']);
    expect(link.intent).toMatchObject({ id: 'i', writes: { finops: { ifMatch: 'finops-2' } } });
    expect(link.base).toMatchObject({ a: ['new', 'new'] });
    expect(link.sides.dataverse.version).toBeNull();
    expect(link.claim).toBeNull();
  });

  it('R17: what a person decided for both sides is agreed once both bear it', () => {
    const writes = { finops: update('finops'), dataverse: update('dataverse') };
    const half = advance(writes, { finops: failed('stale'), dataverse: done() }).link;
    expect(half.base).toMatchObject({ a: ['a', 'a'] });
    const both = advance(writes, { finops: done(), dataverse: done() }).link;
    expect(both.base).toMatchObject({ a: ['new', 'new'] });
  });

  it.each([
    ['unknown', { unknown: true, refused: false }],
    ['transient', { unknown: true, refused: false }],
    ['business', { unknown: false, refused: true }],
    ['missing-reference', { unknown: false, refused: true }],
    ['mapping', { unknown: false, refused: true }],
    ['stale', { unknown: false, refused: false }],
    ['throttled', { unknown: false, refused: false }],
    ['unauthorised', { unknown: false, refused: false }],
  ] as const)('R9: after %s keeps the intent, marked %o', (kind, marks) => {
    const { link, done: sides } = advance({ dataverse: update('dataverse') }, { dataverse: failed(kind) });
    expect(sides).toEqual([]);
    expect(link.intent?.writes.dataverse).toMatchObject(marks);
    expect(link.base).toMatchObject({ a: ['a', 'a'] });
  });

  it('R9: keeps what was not sent as it was', () => {
    const { link } = advance({ dataverse: update('dataverse') }, { dataverse: { kind: 'not-sent', reason: 'paused' } });
    expect(link.intent?.writes.dataverse).toEqual(update('dataverse'));
    expect(link.claim).toBeNull();
  });

  it("R2: a server's own answer becomes its half of the pair and goes back to the source once", () => {
    const first = advance({ dataverse: update('dataverse') }, { dataverse: done({ differing: { a: 'NEW' } }) });
    expect(first.link.base).toMatchObject({ a: ['new', 'NEW'] });
    expect(first.link.backflow).toEqual({ from: 'dataverse', fields: ['a'] });
    expect(first.again).toBe(true);
    const back = advance(
      { finops: update('finops', { pairs: { a: ['NEW', 'NEW'] } }) },
      { finops: done({ differing: { A: 'new' } }) },
      { backflow: true },
      { backflow: { from: 'dataverse', fields: ['a'] }, base: { a: ['new', 'NEW'] } },
    );
    expect(back.link.backflow).toBeNull();
    expect(back.link.base).toMatchObject({ a: ['new', 'NEW'] });
    expect(back.again).toBe(false);
  });

  it('R2: where the server answers no values, its half stays unconfirmed', () => {
    const { link } = advance(
      { dataverse: update('dataverse') },
      { dataverse: done({ differing: null, version: null }) },
    );
    expect(link.sides.dataverse).toMatchObject({ confirmed: false, version: null });
    expect(link.base).toMatchObject({ a: ['new', 'new'] });
  });

  it('I5: a field that was not written and is not as agreed has the record planned again from a fresh read', () => {
    const { link, again } = advance(
      { dataverse: update('dataverse') },
      { dataverse: done({ differing: { b: 'edited' } }) },
    );
    expect(again).toBe(true);
    expect(link.sides.dataverse.version).toBeNull();
    expect(link.base).toMatchObject({ b: ['b', 'b'] });
  });

  it('R17: no version is trusted while a field waits for a person', () => {
    const { link } = advance(
      { dataverse: update('dataverse') },
      { dataverse: done() },
      {},
      { open: { b: ['x', 'y'] } },
    );
    expect(link.sides.dataverse.version).toBeNull();
    expect(link.sides.finops.version).toBeNull();
  });

  it('R5: a deletion leaves a tombstone without rows and without a base', () => {
    const removal = update('dataverse', { operation: 'delete', pairs: {} });
    const gone = done({ version: null, differing: null });
    const { link } = advance({ dataverse: removal }, { dataverse: gone });
    expect(link).toMatchObject({ state: 'tombstone', base: null, intent: null });
    expect(link.sides.finops).toMatchObject({ presence: 'absent', rowId: null });
    expect(link.sides.dataverse).toMatchObject({ presence: 'absent', rowId: null });
  });

  it('R18: remembers what was written, and only so much of it', () => {
    const recentWrites = Array.from({ length: RECENT_WRITES_MAX }, (_, atMs) => ({ atMs, digest: 'd' }));
    const { link } = advance({ dataverse: update('dataverse') }, { dataverse: done() }, {}, { recentWrites });
    expect(link.recentWrites).toHaveLength(RECENT_WRITES_MAX);
    expect(link.recentWrites[0]?.atMs).toBe(1);
    expect(link.recentWrites.at(-1)?.atMs).toBe(NOW);
  });

  it('R7: a claim without an intent is simply given back', () => {
    const link = linkOf(['a', 'a'], ['b', 'b'], { claim: { owner: 'me', untilMs: NOW } });
    expect(advanceLink(map, link, {}, NOW)).toEqual({ link: { ...link, claim: null }, done: [], again: false });
  });
});

describe('differingValues', () => {
  it('names the columns that hold something else than was written or agreed, and no others', () => {
    const link = linkOf(['a', 'a'], ['b', 'b']);
    const differ = (a: string | null, b: string | null) =>
      differingValues(map, link, 'dataverse', update('dataverse'), valuesOn('dataverse', a, b));
    expect(differ('new', 'b')).toEqual({});
    expect(differ('NEW', 'b')).toEqual({ a: 'NEW' });
    expect(differ('new', null)).toEqual({ b: null });
  });
});
