import { describe, expect, it } from 'vitest';
import { advanceLink } from '../../../../shared/core/link/advance-link.ts';
import type { Link } from '../../../../shared/core/link/link.ts';
import { settleIntent } from '../../../../shared/core/link/settle-intent.ts';
import { type PlanInput, planRecord, type RecordPlan } from '../../../../shared/core/write/plan-record.ts';
import { ABSENT, aRow, deleted, linkOf, NOW, planInput, rowIn, smallMap } from '../small-world.ts';

const link = linkOf(['a', 'a'], ['b', 'b']);
const gone = { finops: deleted('finops'), dataverse: rowIn('dataverse', 'a', 'b') };

function plan(deletes: 'deactivate' | 'require-approval' | 'propagate', more: Partial<PlanInput> = {}): RecordPlan {
  return planRecord(planInput(more.rows ?? gone, { map: smallMap({ deletes }), link, ...more }));
}

function linkOfPlan(given: RecordPlan): Link {
  if (given.kind === 'busy' || given.link === null) throw new Error('The plan saves no link.');
  return given.link;
}

describe('the policy deactivate', () => {
  const map = smallMap({ deletes: 'deactivate' });
  const claimed = linkOfPlan(plan('deactivate'));
  const write = claimed.intent?.writes.dataverse;

  it('makes the other row inactive under its version, and lets go of it', () => {
    expect(write).toMatchObject({
      operation: 'deactivate',
      ifMatch: 'dataverse-2',
      pairs: {},
      extra: { statecode: '1' },
    });
    const done = {
      kind: 'done',
      rowId: 'dataverse-row',
      address: null,
      version: 'dataverse-3',
      differing: null,
    } as const;
    expect(advanceLink(map, claimed, { dataverse: done }, NOW).link).toMatchObject({
      state: 'tombstone',
      detached: 'finops',
      intent: null,
      claim: null,
    });
  });

  it('I13: a change of the other row wins over the deletion', () => {
    const edited = { finops: deleted('finops'), dataverse: rowIn('dataverse', 'edited', 'b') };
    const returned = linkOfPlan(plan('deactivate', { rows: edited }));
    expect(returned.intent?.writes).toMatchObject({ finops: { operation: 'insert' } });
  });

  it('I9: after a crash it is found done by its values, repeated while the row is unmoved, and decided anew otherwise', () => {
    const seen = (version: string, statecode: string) =>
      settleIntent(map, claimed, {
        finops: ABSENT,
        dataverse: {
          state: 'in',
          row: aRow('dataverse', 'a', 'b', { version, values: { key: 'k1', a: 'a', b: 'b', kind: 'in', statecode } }),
        },
      });
    expect(seen('dataverse-3', '1')).toMatchObject({ done: ['dataverse'], link: { detached: 'finops', intent: null } });
    expect(seen('dataverse-2', '0')).toMatchObject({ done: [], repeat: { dataverse: { operation: 'deactivate' } } });
    const anew = seen('dataverse-3', '0');
    expect(anew).toMatchObject({ done: [], repeat: {}, link: { intent: null } });
    expect(anew.link.sides.finops.presence).toBe('deleted');
  });

  it('makes the row active again when the deleted one comes back, and knows it until that is recorded', () => {
    const detached = { ...link, state: 'tombstone' as const, base: null, detached: 'finops' as const };
    const rows = { finops: rowIn('finops', 'a', 'b', { id: 'another' }), dataverse: rowIn('dataverse', 'a', 'b') };
    const next = linkOfPlan(plan('deactivate', { rows, link: detached }));
    expect(next).toMatchObject({ state: 'linked', detached: 'finops' });
    expect(next.intent?.writes).toMatchObject({
      dataverse: { operation: 'update', pairs: {}, extra: { statecode: '0' } },
    });
    const done = {
      kind: 'done',
      rowId: 'dataverse-row',
      address: null,
      version: 'dataverse-3',
      differing: {},
    } as const;
    expect(advanceLink(map, next, { dataverse: done }, NOW).link).toMatchObject({ state: 'linked', detached: null });
  });
});

describe('deletions that wait for a person', () => {
  it('R21: the policy require-approval asks for each, remembers the proof, and carries it over when approved', () => {
    const asked = plan('require-approval');
    expect(asked).toMatchObject({
      kind: 'settled',
      outcome: 'waiting',
      wait: { reason: 'approval', fault: { code: 'TW212' } },
      link: { state: 'linked', parked: 'parked-1', sides: { finops: { presence: 'deleted' } } },
    });
    const unproven = { finops: ABSENT, dataverse: rowIn('dataverse', 'a', 'b') };
    const approved = plan('require-approval', { rows: unproven, link: linkOfPlan(asked), deletion: 'approved' });
    expect(linkOfPlan(approved).intent?.writes).toMatchObject({ dataverse: { operation: 'delete' } });
  });

  it('I13: an approval does not delete a row that was changed meanwhile', () => {
    const rows = { finops: deleted('finops'), dataverse: rowIn('dataverse', 'edited', 'b') };
    const approved = linkOfPlan(plan('require-approval', { rows, deletion: 'approved' }));
    expect(approved.intent?.writes).toMatchObject({ finops: { operation: 'insert' } });
  });

  it.each(['propagate', 'deactivate'] as const)(
    'R21: what is held back under the policy %s waits, until it is approved',
    (deletes) => {
      expect(plan(deletes, { deletion: 'held' })).toMatchObject({
        kind: 'settled',
        wait: { reason: 'approval', fault: { code: 'TW213' } },
      });
      expect(plan(deletes, { deletion: 'approved' })).toMatchObject({ kind: 'write' });
    },
  );
});
