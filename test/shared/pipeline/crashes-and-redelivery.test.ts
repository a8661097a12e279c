import { describe, expect, it } from 'vitest';
import type { Change } from '../../../shared/core/change/change.ts';
import { newLink } from '../../../shared/core/link/link.ts';
import { dispatchChanges } from '../../../shared/pipeline/dispatch-changes.ts';
import { releaseDue, releaseParked } from '../../../shared/pipeline/release-parked.ts';
import type { SyncCommand } from '../../../shared/pipeline/sync-changes.ts';
import { aFault, times } from './memory-side.ts';
import { createPipeline, customerChange, finopsCustomer, linkedCustomers, type Pipeline } from './pipeline-fixture.ts';

const audit = (pipeline: Pipeline, account: string) =>
  pipeline.deps.state.listAudit({ mapId: 'customers', key: `usmf|${account}` });

/** Says yes to the first command of that kind. */
function once(kind: SyncCommand['kind']): (command: SyncCommand) => boolean {
  let left = true;
  return (command) => {
    const hit = left && command.kind === kind;
    if (hit) left = false;
    return hit;
  };
}

/** An edit, a new row and a deletion in one batch, so that every operation meets the crash. */
async function threeOperations(): Promise<{ pipeline: Pipeline; changes: Change[] }> {
  const { pipeline, ids } = await linkedCustomers(['c1', 'c2']);
  pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
  pipeline.sides.finops.put('Customers', finopsCustomer('c3'));
  const gone = ids['c2']?.finops ?? '';
  pipeline.sides.finops.remove(gone);
  const changes = [
    customerChange('c1'),
    customerChange('c2', { deletedIds: { finops: [gone] } }),
    customerChange('c3'),
  ];
  return { pipeline, changes };
}

async function expectOutcome(pipeline: Pipeline): Promise<void> {
  const { dataverse } = pipeline.sides;
  expect(dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('New');
  expect(dataverse.find('customer', 'number', 'c2')).toBeUndefined();
  expect(dataverse.find('customer', 'number', 'c3')?.values['name']).toBe('Name of c3');
  expect(dataverse.rows.size).toBe(2);
  expect(await pipeline.parked()).toEqual([]);
  const operations = await Promise.all(['c1', 'c2', 'c3'].map((account) => audit(pipeline, account)));
  expect(operations.map((entries) => entries.map(({ operation }) => operation))).toEqual([
    ['insert', 'update'],
    ['insert', 'delete'],
    ['insert'],
  ]);
  for (const account of ['c1', 'c3']) {
    expect(await pipeline.link(`usmf|${account}`)).toMatchObject({ state: 'linked', claim: null, intent: null });
  }
  expect(await pipeline.link('usmf|c2')).toMatchObject({ state: 'tombstone', claim: null, intent: null });
}

describe('crashes', () => {
  it.each(['plan', 'write', 'record'] as const)(
    'I9 I14: a host that dies after %s was carried out leaves the same rows and one audit entry for each write',
    async (kind) => {
      const { pipeline, changes } = await threeOperations();
      await pipeline.run(changes, { dies: once(kind) });
      await expectOutcome(pipeline);
      const conflicts = await pipeline.deps.state.listConflicts({ mapId: 'customers', key: 'usmf|c1' });
      expect(conflicts).toEqual([]);
    },
  );

  it('I9 I14 I16: writes that were carried out and never answered are found done, and are not taken for edits', async () => {
    const { pipeline, changes } = await threeOperations();
    const lost = aFault('unknown', 'TW103');
    pipeline.sides.dataverse.script.afterWrite = times(3, lost);
    await pipeline.run(changes);
    await expectOutcome(pipeline);
    expect((await audit(pipeline, 'c1'))[1]).toMatchObject({ inferred: true, after: { name: 'New' } });
    expect(pipeline.sides.dataverse.written).toHaveLength(3);
    expect(pipeline.sides.finops.written).toEqual([]);
  });

  it("I5 I16: a value that overwrites a person's edit after an unknown outcome is recorded, and marked so", async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const { finops, dataverse } = pipeline.sides;
    finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
    dataverse.script.onWrite = times(1, aFault('unknown', 'TW103'));
    await pipeline.run([customerChange('c1')], {
      before: (command) => {
        if (command.kind === 'wait') dataverse.edit(ids['c1']?.dataverse ?? '', { name: 'Theirs' });
      },
    });
    expect(dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('New');
    expect(await pipeline.deps.state.listConflicts({ mapId: 'customers', key: 'usmf|c1' })).toMatchObject([
      { field: 'name', loserValue: 'Theirs', rule: 'finops-wins', afterUnknown: true },
    ]);
  });

  it('R5: what waits for the proof of a deletion goes on waiting when the other side has news', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.dataverse.remove(ids['c1']?.dataverse ?? '');
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'absence-unproven' }]);
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'absence-unproven' }]);
  });

  it('I16: a conflict that is met while a write is only inferred is marked so', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const { finops, dataverse } = pipeline.sides;
    finops.edit(ids['c1']?.finops ?? '', { Name: 'New', Phone: '1' });
    let killed = false;
    await pipeline.run([customerChange('c1')], {
      dies: (command) => command.kind === 'write' && !killed,
      before: (command) => {
        if (command.kind !== 'record' || killed) return;
        killed = true;
        finops.edit(ids['c1']?.finops ?? '', { Name: 'Newer' });
        dataverse.edit(ids['c1']?.dataverse ?? '', { name: 'Theirs' });
      },
    });
    expect(await pipeline.deps.state.listConflicts({ mapId: 'customers', key: 'usmf|c1' })).toContainEqual(
      expect.objectContaining({ field: 'name', loserValue: 'Theirs', rule: 'finops-wins', afterUnknown: true }),
    );
  });

  it('I16: what was inferred stays known until the write that rests on it is done', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const { state } = pipeline.deps;
    const stored = (await state.loadLinks('customers', ['usmf|c1'])).get('usmf|c1');
    const { finops } = pipeline.sides;
    // A write of ours was taken for done that was not: the base holds what only F&O bears.
    finops.edit(ids['c1']?.finops ?? '', { Phone: 'of F&O' });
    const base = { ...stored?.link.base, phone: ['of F&O', 'of F&O'] as const };
    const link = { ...(stored?.link ?? newLink('customers', 'usmf|c1')), base, assumed: ['phone'] };
    const nothing = { audit: [], conflicts: [], park: null, unpark: null };
    await state.commit([{ mapId: 'customers', key: 'usmf|c1', link, etag: stored?.etag ?? null, ...nothing }]);
    let edited = false;
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'], full: true })], {
      before: (command) => {
        if (command.kind !== 'write' || edited) return;
        edited = true;
        finops.edit(ids['c1']?.finops ?? '', { Phone: 'later' });
      },
    });
    const conflicts = await state.listConflicts({ mapId: 'customers', key: 'usmf|c1' });
    const between = conflicts.filter(({ field, values }) => field === 'phone' && values[0] === 'later');
    expect(between).toMatchObject([{ rule: 'dataverse-wins', loserValue: 'later', afterUnknown: true }]);
    expect((await pipeline.link('usmf|c1'))?.assumed).toEqual([]);
  });

  it('I9: a batch whose orchestration is lost after its claim is finished by the next hint, when the claim is over', async () => {
    const { pipeline, changes } = await threeOperations();
    const stop = new Error('the orchestration is lost');
    const before = (command: SyncCommand): void => {
      if (command.kind === 'record') throw stop;
    };
    await expect(pipeline.run(changes, { before })).rejects.toBe(stop);
    pipeline.pass(200_000);
    await pipeline.run(changes.map((change) => ({ ...change, deletedIds: {} })));
    await expectOutcome(pipeline);
  });
});

describe('redelivery', () => {
  it('I3: the same changes twice write once', async () => {
    const { pipeline, changes } = await threeOperations();
    await pipeline.run(changes);
    const written = pipeline.sides.dataverse.written.length;
    await pipeline.run(changes);
    expect(pipeline.sides.dataverse.written).toHaveLength(written);
    await expectOutcome(pipeline);
  });

  it('I3: a batch that is delivered twice starts one orchestration', async () => {
    const { pipeline, changes } = await threeOperations();
    const bodies = changes.map((change) => ({ type: 'change' as const, change }));
    await dispatchChanges(pipeline.deps, bodies);
    await dispatchChanges(pipeline.deps, bodies);
    expect(pipeline.started).toHaveLength(2);
    expect(new Set(pipeline.started.map(({ id }) => id)).size).toBe(1);
  });

  it('I3: two orchestrations of the same changes at once write once', async () => {
    const { pipeline, changes } = await threeOperations();
    const others: Promise<unknown>[] = [];
    await pipeline.run(changes, {
      before: (command) => {
        if (command.kind === 'write' && others.length === 0) others.push(pipeline.run(changes));
      },
    });
    await Promise.all(others);
    expect(pipeline.sides.dataverse.written).toHaveLength(3);
    await expectOutcome(pipeline);
  });

  it('I2: the event that our own write raised writes nothing', async () => {
    const { pipeline, changes } = await threeOperations();
    await pipeline.run(changes);
    const written = pipeline.sides.dataverse.written.length;
    await pipeline.run(changes.map((change) => ({ ...change, hinted: ['dataverse'], deletedIds: {} })));
    expect(pipeline.sides.dataverse.written).toHaveLength(written);
    expect(pipeline.sides.finops.written).toEqual([]);
  });
});

describe('parked failures', () => {
  it('I11: an old failure that is released after a newer value never overwrites it', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const { finops, dataverse } = pipeline.sides;
    finops.edit(ids['c1']?.finops ?? '', { Name: 'Refused' });
    dataverse.script.onWrite = times(1, aFault('business', 'TW205'));
    await pipeline.run([customerChange('c1')]);
    const parked = await pipeline.deps.state.listParked({ limit: 10 });
    expect(parked).toHaveLength(1);
    finops.edit(ids['c1']?.finops ?? '', { Name: 'Newer' });
    await pipeline.run([customerChange('c1')]);
    await releaseParked(pipeline.deps, parked);
    await pipeline.drain();
    expect(dataverse.written.map(({ values }) => values['name'])).toEqual(['Newer']);
    expect(finops.find('Customers', 'Account', 'c1')?.values['Name']).toBe('Newer');
    expect(await pipeline.parked()).toEqual([]);
  });

  it('I12: one poison record in a batch of ten delays no other', async () => {
    const pipeline = await createPipeline();
    const accounts = Array.from({ length: 10 }, (_, index) => `c${index}`);
    for (const account of accounts) pipeline.sides.finops.put('Customers', finopsCustomer(account));
    const poison = aFault('business', 'TW205');
    pipeline.sides.dataverse.script.onWrite = ({ key }) => (key === 'usmf|c4' ? poison : null);
    const { turns, report } = await pipeline.run(accounts.map((account) => customerChange(account)));
    expect(turns.map(({ command }) => command.kind)).toEqual(['plan', 'write', 'record']);
    expect(report.recorded).toBe(10);
    expect(pipeline.sides.dataverse.rows.size).toBe(9);
    expect(await pipeline.parked()).toMatchObject([{ identity: 'k|usmf|c4', reason: 'failed' }]);
  });

  it('I12: a value that has no form on the other side parks its record alone', async () => {
    const pipeline = await createPipeline();
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { CreditLimit: 'not a number' }));
    pipeline.sides.finops.put('Customers', finopsCustomer('c2'));
    await pipeline.run([customerChange('c1'), customerChange('c2')]);
    expect(pipeline.sides.dataverse.rows.size).toBe(1);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'mapping', fault: { code: 'TW302', field: 'credit' } }]);
  });

  it('I4: what is parked rests longer each time it is released in vain, and ends in one outcome', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'Refused' });
    pipeline.sides.dataverse.script.onWrite = () => aFault('business', 'TW205');
    await pipeline.run([customerChange('c1')]);
    const rests: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const [waiting, ...more] = await pipeline.parked();
      expect(more).toEqual([]);
      rests.push((waiting?.dueAtMs ?? 0) - pipeline.now());
      await pipeline.wait(rests.at(-1) ?? 0);
    }
    expect([...rests].sort((a, b) => a - b)).toEqual(rests);
    expect(await releaseDue(pipeline.deps)).toBe(0);
    expect(await pipeline.parked()).toHaveLength(1);
  });
});
