import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../../shared/core/change/change.ts';
import { changeIdentity, mergeChanges } from '../../../../shared/core/change/merge-changes.ts';
import { SIDES } from '../../../../shared/core/record/side.ts';
import { aChange } from '../../../contracts/state-rows.ts';

const side = fc.constantFrom(...SIDES);
const ids = fc.option(fc.dictionary(side, fc.uniqueArray(fc.constantFrom('r1', 'r2', 'r3'), { minLength: 1 })), {
  nil: {},
});

const change: fc.Arbitrary<Change> = fc.record({
  mapId: fc.constantFrom('m1', 'm2'),
  key: fc.constantFrom('k1', 'k2', 'k3'),
  hinted: fc.uniqueArray(side, { minLength: 1 }),
  rowIds: ids,
  deletedIds: ids,
  full: fc.boolean(),
  attempts: fc.nat(6),
  releases: fc.nat(6),
  sinceMs: fc.nat(1_000),
});

describe('mergeChanges', () => {
  it('leaves one change for each record', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const merged = mergeChanges(changes);
        const names = merged.map((each) => `${each.mapId}|${changeIdentity(each)}`);
        expect(new Set(names).size).toBe(merged.length);
        expect(new Set(names)).toEqual(new Set(changes.map((each) => `${each.mapId}|${changeIdentity(each)}`)));
      }),
    );
  });

  it('R5: keeps every id that a delete event named, every row id and every side', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1 }), (changes) => {
        const merged = mergeChanges(changes);
        for (const each of changes) {
          const kept = merged.find((other) => other.mapId === each.mapId && other.key === each.key);
          for (const name of SIDES) {
            expect(kept?.deletedIds[name] ?? []).toEqual(expect.arrayContaining([...(each.deletedIds[name] ?? [])]));
            expect(kept?.rowIds[name] ?? []).toEqual(expect.arrayContaining([...(each.rowIds[name] ?? [])]));
          }
          expect(kept?.hinted).toEqual(expect.arrayContaining([...each.hinted]));
        }
      }),
    );
  });

  it('merges in steps as it merges at once', () => {
    fc.assert(
      fc.property(fc.array(change), fc.nat(), (changes, cut) => {
        const at = changes.length === 0 ? 0 : cut % changes.length;
        const inSteps = mergeChanges([...mergeChanges(changes.slice(0, at)), ...changes.slice(at)]);
        expect(inSteps).toEqual(mergeChanges(changes));
        expect(mergeChanges(inSteps)).toEqual(inSteps);
      }),
    );
  });

  it('lets the last hint name the source, and keeps the oldest time and the highest counts', () => {
    const [merged] = mergeChanges([
      aChange('m', 'k', { hinted: ['dataverse', 'finops'], sinceMs: 20, attempts: 1, releases: 3 }),
      aChange('m', 'k', { hinted: ['dataverse'], sinceMs: 10, attempts: 2, releases: 0, full: true }),
    ]);
    expect(merged).toMatchObject({
      hinted: ['finops', 'dataverse'],
      sinceMs: 10,
      attempts: 2,
      releases: 3,
      full: true,
    });
  });

  it('keeps rows without a key apart, by side and id', () => {
    const row = (id: string, name: 'finops' | 'dataverse'): Change =>
      aChange('m', null, { hinted: [name], rowIds: { [name]: [id] } });
    expect(
      mergeChanges([row('r1', 'finops'), row('r1', 'dataverse'), row('r2', 'finops'), row('r1', 'finops')]),
    ).toHaveLength(3);
    expect(changeIdentity(row('r1', 'dataverse'))).toBe('r|dataverse|r1');
    expect(changeIdentity(aChange('m', 'usmf|c1'))).toBe('k|usmf|c1');
  });
});
