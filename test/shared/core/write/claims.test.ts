import { describe, expect, it } from 'vitest';
import type { IntendedWrite, Intent, Link } from '../../../../shared/core/link/link.ts';
import { newLink } from '../../../../shared/core/link/link.ts';
import type { PerSide } from '../../../../shared/core/record/side.ts';
import { DELETE_REFUSALS_MAX } from '../../../../shared/core/write/decide-deletion.ts';
import { CLOCK_DIFFERENCE_MS, planRecord, type RecordPlan } from '../../../../shared/core/write/plan-record.ts';
import { ABSENT, deleted, KEY, linkOf, NOW, planInput, rowIn, smallMap } from '../small-world.ts';

const UPDATE: IntendedWrite = {
  operation: 'update',
  rowId: 'dataverse-row',
  address: 'dataverse-row',
  ifMatch: 'dataverse-2',
  pairs: { a: ['new', 'new'] },
  extra: {},
  unknown: false,
  refused: false,
};

function intent(writes: Partial<PerSide<IntendedWrite>>, more: Partial<Intent> = {}): Intent {
  return {
    id: 'intent-0',
    writes,
    mapVersion: '1.0.0.0',
    seen: { finops: null, dataverse: null },
    backflow: false,
    ...more,
  };
}

function written(plan: RecordPlan): Extract<RecordPlan, { kind: 'write' }> {
  if (plan.kind !== 'write') throw new Error(`the plan is ${plan.kind}`);
  return plan;
}

describe('claims', () => {
  const rows = { finops: rowIn('finops', 'new', 'b'), dataverse: rowIn('dataverse', 'a', 'b') };
  const claimedBy = (owner: string, untilMs: number): Link =>
    linkOf(['a', 'a'], ['b', 'b'], { claim: { owner, untilMs } });

  it('R7: a record is claimed for a time, with the values about to be written and their condition', () => {
    const { link } = written(planRecord(planInput(rows, { link: linkOf(['a', 'a'], ['b', 'b']) })));
    expect(link.claim).toEqual({ owner: 'me', untilMs: NOW + 120_000 });
    expect(link.intent).toMatchObject({
      id: 'intent-1',
      writes: { dataverse: { operation: 'update', ifMatch: 'dataverse-2', pairs: { a: ['new', 'new'] } } },
      seen: { finops: 'finops-2', dataverse: 'dataverse-2' },
    });
  });

  it("R7: another's claim is respected until it ended, and for the difference of clocks beyond that", () => {
    const link = claimedBy('other', NOW);
    const at = (nowMs: number): RecordPlan => planRecord(planInput(rows, { link, nowMs }));
    const untilMs = NOW + CLOCK_DIFFERENCE_MS;
    expect(at(NOW - 60_000)).toEqual({ kind: 'busy', untilMs });
    expect(at(NOW + CLOCK_DIFFERENCE_MS - 1)).toEqual({ kind: 'busy', untilMs });
    expect(at(NOW + CLOCK_DIFFERENCE_MS).kind).toBe('write');
  });

  it('R7: our own claim is no obstacle when the activity runs again', () => {
    expect(planRecord(planInput(rows, { link: claimedBy('me', NOW + 90_000) })).kind).toBe('write');
  });
});

describe('unsettled writes', () => {
  it('R9: are repeated unchanged before anything new goes to their row, and the record is planned once more', () => {
    const link = linkOf(['a', 'a'], ['b', 'b'], { intent: intent({ dataverse: UPDATE }) });
    const rows = { finops: rowIn('finops', 'newer', 'b'), dataverse: rowIn('dataverse', 'a', 'b') };
    const plan = written(planRecord(planInput(rows, { link })));
    expect(plan.again).toBe(true);
    expect(plan.link.intent?.writes).toEqual({ dataverse: UPDATE });
    expect(plan.link.intent?.id).toBe('intent-0');
  });

  it('R9: that the target refused are not repeated', () => {
    const link = linkOf(['a', 'a'], ['b', 'b'], { intent: intent({ dataverse: { ...UPDATE, refused: true } }) });
    const rows = { finops: rowIn('finops', 'newer', 'b'), dataverse: rowIn('dataverse', 'a', 'b') };
    const plan = written(planRecord(planInput(rows, { link })));
    expect(plan.link.intent).toMatchObject({
      id: 'intent-1',
      writes: { dataverse: { pairs: { a: ['newer', 'newer'] } } },
    });
  });

  it("R10: found done become the base, so that our own write is not taken for a user's edit", () => {
    const link = linkOf(['a', 'a'], ['b', 'b'], { intent: intent({ dataverse: UPDATE }) });
    const rows = {
      finops: rowIn('finops', 'new', 'b'),
      dataverse: rowIn('dataverse', 'new', 'b', { version: 'dataverse-3' }),
    };
    const plan = planRecord(planInput(rows, { link }));
    expect(plan).toMatchObject({ kind: 'settled', conflicts: [], healed: ['dataverse'], link: { intent: null } });
  });

  it('R10: what is overwritten because of such an inference is recorded as assumed', () => {
    const link = linkOf(['a', 'a'], ['b', 'b'], { intent: intent({ dataverse: UPDATE }) });
    const rows = {
      finops: rowIn('finops', 'newest', 'b'),
      dataverse: rowIn('dataverse', 'new', 'b', { version: 'dataverse-3' }),
    };
    const plan = written(planRecord(planInput(rows, { link })));
    expect(plan.conflicts).toEqual([
      {
        field: 'a',
        base: ['new', 'new'],
        values: ['newest', 'new'],
        rule: 'assumed-own-write',
        winner: 'finops',
        loserValue: 'new',
      },
    ]);
  });

  it('I9: a first write that made two rows equal by emptying a field is found done, too', () => {
    const emptied: IntendedWrite = { ...UPDATE, pairs: { a: [null, null] } };
    const link = { ...newLink('small', KEY), intent: intent({ dataverse: emptied }) };
    const rows = {
      finops: rowIn('finops', null, 'b'),
      dataverse: rowIn('dataverse', null, 'b', { version: 'dataverse-3' }),
    };
    expect(planRecord(planInput(rows, { link }))).toMatchObject({ kind: 'settled', healed: ['dataverse'] });
  });

  it('I9: a deletion found done needs no second proof that the source is gone', () => {
    const removal: IntendedWrite = { ...UPDATE, operation: 'delete', pairs: {} };
    const link = linkOf(['a', 'a'], ['b', 'b'], { intent: intent({ dataverse: removal }) });
    const plan = planRecord(planInput({ finops: ABSENT, dataverse: ABSENT }, { link }));
    expect(plan).toMatchObject({
      kind: 'settled',
      outcome: 'deleted',
      wait: null,
      healed: ['dataverse'],
      link: { state: 'tombstone' },
    });
  });
});

describe('rows that were not read', () => {
  it('R11: are written under the version that the link knows', () => {
    const link = linkOf(['a', 'a'], ['b', 'b']);
    const rows = { finops: rowIn('finops', 'new', 'b'), dataverse: { state: 'assumed' } as const };
    expect(written(planRecord(planInput(rows, { link }))).link.intent?.writes.dataverse).toMatchObject({
      ifMatch: 'dataverse-1',
      rowId: 'dataverse-row',
    });
  });

  it('R5: are deleted under the version that the link knows', () => {
    const link = linkOf(['a', 'a'], ['b', 'b']);
    const plan = written(
      planRecord(planInput({ finops: deleted('finops'), dataverse: { state: 'assumed' } }, { link })),
    );
    expect(plan.link.intent?.writes).toMatchObject({ dataverse: { operation: 'delete', ifMatch: 'dataverse-1' } });
  });
});

describe('proofs of deletion', () => {
  it('R5: are kept with the link until their consequence is done, also where a later hint brings none', () => {
    const link = linkOf(['a', 'a'], ['b', 'b']);
    const rows = { finops: deleted('finops'), dataverse: rowIn('dataverse', 'a', 'b') };
    const first = written(planRecord(planInput(rows, { link })));
    expect(first.link.sides.finops.presence).toBe('deleted');
    const refused = { ...first.link, claim: null, intent: null };
    const again = written(planRecord(planInput({ ...rows, finops: ABSENT }, { link: refused })));
    expect(again.link.intent?.writes).toMatchObject({ dataverse: { operation: 'delete' } });
  });

  it('R5: end when the row is there again', () => {
    const link = linkOf(['a', 'a'], ['b', 'b']);
    const deletedSide = { ...link.sides.finops, presence: 'deleted' as const };
    const known = { ...link, sides: { ...link.sides, finops: deletedSide } };
    const rows = { finops: rowIn('finops', 'a', 'b', { id: 'made anew' }), dataverse: rowIn('dataverse', 'a', 'b') };
    expect(planRecord(planInput(rows, { link: known }))).toMatchObject({
      kind: 'settled',
      link: { state: 'linked', sides: { finops: { presence: 'present', rowId: 'made anew' } } },
    });
  });
});

describe('inserts', () => {
  it('R11: into Dataverse carry a GUID chosen beforehand, into F&O none', () => {
    const toDataverse = written(planRecord(planInput({ finops: rowIn('finops', 'a', null), dataverse: ABSENT })));
    expect(toDataverse.link.intent?.writes.dataverse).toMatchObject({
      operation: 'insert',
      rowId: 'chosen-row',
      ifMatch: null,
    });
    const toFinops = written(planRecord(planInput({ finops: ABSENT, dataverse: rowIn('dataverse', 'a', null) })));
    expect(toFinops.link.intent?.writes.finops).toMatchObject({ operation: 'insert', rowId: null, ifMatch: null });
  });

  it('I13: a row whose deletion the target refused three times is brought back, with a conflict that says so', () => {
    const link = linkOf(['a', 'a'], ['b', 'b'], { deleteRefusals: DELETE_REFUSALS_MAX });
    const rows = { finops: deleted('finops'), dataverse: rowIn('dataverse', 'a', 'b') };
    const plan = written(planRecord(planInput(rows, { link })));
    expect(plan.link.intent?.writes.finops?.operation).toBe('insert');
    expect(plan.conflicts).toMatchObject([{ rule: 'delete-refused', winner: 'dataverse', field: null }]);
  });

  it('I13: a deletion that is not carried over leaves both sides as they are', () => {
    const link = linkOf(['a', 'a'], ['b', 'b']);
    const map = smallMap({ deletes: 'ignore' });
    const rows = { finops: deleted('finops'), dataverse: rowIn('dataverse', 'a', 'b') };
    const plan = planRecord(planInput(rows, { map, link }));
    expect(plan).toMatchObject({ kind: 'settled', outcome: 'filtered', link: { detached: 'finops' } });
    const detached = plan.kind === 'settled' ? plan.link : null;
    const edited = { finops: ABSENT, dataverse: rowIn('dataverse', 'edited', 'b') };
    expect(planRecord(planInput(edited, { map, link: detached }))).toMatchObject({ kind: 'settled', link: null });
    const recreated = { finops: rowIn('finops', 'a', 'b', { id: 'another' }), dataverse: rowIn('dataverse', 'a', 'b') };
    expect(planRecord(planInput(recreated, { map, link: detached }))).toMatchObject({
      kind: 'settled',
      link: { state: 'linked', detached: null },
    });
  });
});
