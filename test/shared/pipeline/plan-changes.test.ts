import { describe, expect, it } from 'vitest';
import { CLOCK_DIFFERENCE_MS } from '../../../shared/core/write/plan-record.ts';
import { PIPELINE_SETTINGS } from '../../../shared/pipeline/dependencies.ts';
import { planChanges } from '../../../shared/pipeline/plan-changes.ts';
import type { StateStore } from '../../../shared/ports/state-store.ts';
import { aFault, times } from './memory-side.ts';
import { createPipeline, customerChange, finopsCustomer, linkedCustomers, type Pipeline } from './pipeline-fixture.ts';

/** Lets something happen once, right before or after a call of the state store. */
function interfere(pipeline: Pipeline, call: 'loadLinks' | 'commit', what: () => Promise<void>): void {
  const state = pipeline.deps.state;
  const original = state[call] as (...args: unknown[]) => Promise<unknown>;
  let pending = true;
  const replaced = async (...args: unknown[]): Promise<unknown> => {
    if (call === 'commit' && pending) {
      pending = false;
      await what();
    }
    return original(...args);
  };
  pipeline.deps.state = { ...state, [call]: replaced } as StateStore;
}

describe('planChanges', () => {
  it('R5: a deletion that is heard of while its row is being planned for creation is not lost', async () => {
    const pipeline = await createPipeline();
    const row = pipeline.sides.finops.put('Customers', finopsCustomer('c1'));
    interfere(pipeline, 'commit', async () => {
      pipeline.sides.finops.remove(row);
      await pipeline.run([customerChange('c1', { deletedIds: { finops: [row] } })]);
    });
    await pipeline.run([customerChange('c1')]);
    expect(pipeline.sides.dataverse.written).toEqual([]);
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R4 R5: a second deletion of a record without rows moves its link once more', async () => {
    const pipeline = await createPipeline();
    await pipeline.run([customerChange('c1', { deletedIds: { finops: ['an earlier row'] } })]);
    const row = pipeline.sides.finops.put('Customers', finopsCustomer('c1'));
    interfere(pipeline, 'commit', async () => {
      pipeline.sides.finops.remove(row);
      await pipeline.run([customerChange('c1', { deletedIds: { finops: [row] } })]);
    });
    await pipeline.run([customerChange('c1')]);
    expect(pipeline.sides.dataverse.written).toEqual([]);
  });

  it('R1: loads links first, then rows, then remembers ids, then claims', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const order: string[] = [];
    const { state } = pipeline.deps;
    pipeline.deps.state = {
      ...state,
      loadLinks: (mapId, keys, expected) => {
        order.push('links');
        return state.loadLinks(mapId, keys, expected);
      },
      rememberIds: (...given) => {
        order.push('ids');
        return state.rememberIds(...given);
      },
      commit: (commits) => {
        order.push('claim');
        return state.commit(commits);
      },
    };
    pipeline.sides.finops.script.onRead = () => {
      order.push('rows');
      return null;
    };
    pipeline.sides.finops.remove(ids['c1']?.finops ?? '');
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { Name: 'New' }));
    await planChanges(pipeline.deps, { kind: 'plan', mapId: 'customers', owner: 'o', changes: [customerChange('c1')] });
    expect(order).toEqual(['links', 'rows', 'ids', 'claim']);
  });

  it('R1: a claim that is lost has the record planned again, from fresh rows', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const { finops, dataverse } = pipeline.sides;
    finops.edit(ids['c1']?.finops ?? '', { Name: 'Older' });
    interfere(pipeline, 'commit', async () => {
      finops.edit(ids['c1']?.finops ?? '', { Name: 'Newer' });
      const other = { ...pipeline.deps, state: pipeline.deps.state };
      const command = { kind: 'plan', mapId: 'customers', owner: 'other', changes: [customerChange('c1')] } as const;
      await planChanges(other, command);
      pipeline.pass(PIPELINE_SETTINGS.claimMs + CLOCK_DIFFERENCE_MS);
    });
    const { turns } = await pipeline.run([customerChange('c1')]);
    expect(pipeline.telemetry.filter(({ event }) => event === 'claim.lost')).toHaveLength(1);
    expect(turns[0]?.answer).toMatchObject({ claimed: [], again: [{ key: 'usmf|c1', full: true }] });
    expect(dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('Newer');
    expect(dataverse.written.map(({ values }) => values['name'])).toEqual(['Newer']);
  });

  it('R8: a value that is going to lose is recorded together with the claim, before the write', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'Ours' });
    pipeline.sides.dataverse.edit(ids['c1']?.dataverse ?? '', { name: 'Theirs' });
    const changes = [customerChange('c1', { full: true })];
    await planChanges(pipeline.deps, { kind: 'plan', mapId: 'customers', owner: 'o', changes });
    expect(pipeline.sides.dataverse.written).toEqual([]);
    expect(await pipeline.deps.state.listConflicts({ mapId: 'customers', key: 'usmf|c1' })).toMatchObject([
      { field: 'name', loserValue: 'Theirs', rule: 'finops-wins' },
    ]);
  });

  it('R7: a record that another batch is writing is waited for without reading a row', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
    const plan = (owner: string) =>
      planChanges(pipeline.deps, { kind: 'plan', mapId: 'customers', owner, changes: [customerChange('c1')] });
    expect((await plan('other')).claimed).toHaveLength(1);
    pipeline.sides.finops.calls.length = 0;
    const busy = await plan('me');
    expect(busy).toMatchObject({ claimed: [], again: [{ key: 'usmf|c1', attempts: 0 }], settled: 0 });
    expect(busy.waitMs).toBeGreaterThan(0);
    expect(pipeline.sides.finops.calls).toEqual([]);
  });

  it('R7: an expired claim is examined only after the difference of clocks, and waited for until then', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
    const changes = [customerChange('c1')];
    const plan = (owner: string) => planChanges(pipeline.deps, { kind: 'plan', mapId: 'customers', owner, changes });
    await plan('died');
    pipeline.pass(PIPELINE_SETTINGS.claimMs + 1_000);
    expect(await plan('next')).toMatchObject({
      claimed: [],
      again: [{ key: 'usmf|c1', attempts: 0 }],
      waitMs: CLOCK_DIFFERENCE_MS - 1_000,
    });
    expect(await pipeline.parked()).toEqual([]);
    pipeline.pass(CLOCK_DIFFERENCE_MS);
    await pipeline.run(changes);
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('New');
  });

  it('reads many records in one call, and of a settled record only the side that said something', async () => {
    const accounts = Array.from({ length: 20 }, (_, index) => `c${index}`);
    const { pipeline, ids } = await linkedCustomers(accounts);
    for (const account of accounts) pipeline.sides.finops.edit(ids[account]?.finops ?? '', { Name: `New ${account}` });
    await pipeline.run(accounts.map((account) => customerChange(account)));
    expect(pipeline.sides.finops.calls).toEqual(['read 20']);
    expect(pipeline.sides.dataverse.calls).toEqual(['write 20']);
  });

  it('R11: a row that changed meanwhile is not overwritten: the record is planned again with both rows read', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const { finops, dataverse } = pipeline.sides;
    finops.edit(ids['c1']?.finops ?? '', { Name: 'Ours', Rating: '5' });
    dataverse.edit(ids['c1']?.dataverse ?? '', { phone: 'theirs' });
    const { turns, report } = await pipeline.run([customerChange('c1')]);
    expect(turns.map(({ command }) => command.kind)).toEqual(['plan', 'write', 'record', 'plan', 'write', 'record']);
    expect(dataverse.calls).toEqual(['write 1', 'read 1', 'write 1']);
    expect(dataverse.find('customer', 'number', 'c1')?.values).toMatchObject({
      name: 'Ours',
      phone: 'theirs',
      rating: '5',
    });
    expect(finops.find('Customers', 'Account', 'c1')?.values).toMatchObject({ Name: 'Ours', Phone: 'theirs' });
    expect(report.recorded).toBe(1);
  });

  it('R4: a hint about nothing new writes nothing and saves nothing', async () => {
    const { pipeline } = await linkedCustomers(['c1']);
    await pipeline.run([customerChange('c1', { full: true })]);
    const before = await pipeline.deps.state.loadLinks('customers', ['usmf|c1']);
    const { turns, report } = await pipeline.run([customerChange('c1', { full: true })]);
    expect(turns).toHaveLength(1);
    expect(report).toEqual({ settled: 1, recorded: 0, parked: 0 });
    expect(await pipeline.deps.state.loadLinks('customers', ['usmf|c1'])).toEqual(before);
  });

  it('I6: a side that cannot be read is asked again after a rest, and after so many attempts the change is parked', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
    pipeline.sides.finops.script.onRead = times(3, aFault('transient', 'TW102'));
    expect((await pipeline.run([customerChange('c1')])).report.recorded).toBe(1);
    pipeline.sides.finops.script.onRead = () => aFault('transient', 'TW102');
    const { report, turns } = await pipeline.run([customerChange('c1')]);
    expect(report.parked).toBe(1);
    expect(turns.filter(({ command }) => command.kind === 'plan')).toHaveLength(6);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'attempts-exhausted', fault: { code: 'TW208' } }]);
  });

  it('I6: a side that asks for a pause when it is read is given it, and no attempt is spent', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
    pipeline.sides.finops.script.onRead = times(8, aFault('throttled', 'TW101', { retryAfterMs: 20_000 }));
    const { turns, report } = await pipeline.run([customerChange('c1')]);
    const waits = turns.flatMap(({ command }) => (command.kind === 'wait' ? [command.delayMs] : []));
    expect(waits).toHaveLength(8);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(20_000);
    expect(report).toEqual({ settled: 0, recorded: 1, parked: 0 });
  });

  it('a side that refuses to be read parks what needed it, with its fault', async () => {
    const { pipeline } = await linkedCustomers(['c1']);
    pipeline.sides.finops.script.onRead = () => aFault('unauthorised', 'TW105');
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'failed', fault: { code: 'TW105' } }]);
  });

  it('a linked row that bears another key now waits for a person', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.dataverse.edit(ids['c1']?.dataverse ?? '', { number: 'renamed' });
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'key-changed', fault: { code: 'TW210' }, dueAtMs: null }]);
  });

  describe('of a row that was just created', () => {
    const created = customerChange('c1', { created: true });
    /** What another instance knows: nothing at hand, so that links have to be asked for. */
    function asked(pipeline: Pipeline): string[][] {
      const { state } = pipeline.deps;
      const keys: string[][] = [];
      pipeline.deps.state = {
        ...state,
        cachedLinks: () => new Map(),
        loadLinks: (mapId, wanted, expected) => {
          if (expected === undefined) keys.push([...wanted]);
          return state.loadLinks(mapId, wanted, expected);
        },
      };
      return keys;
    }

    it('R7: looks for no link, because its claim is an insert', async () => {
      const pipeline = await createPipeline();
      pipeline.sides.finops.put('Customers', finopsCustomer('c1'));
      const keys = asked(pipeline);
      await pipeline.run([created]);
      expect(keys).toEqual([[]]);
      expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')).toBeDefined();
    });

    it('R7: finds the link that there is when the claim fails, and writes nothing twice', async () => {
      const { pipeline } = await linkedCustomers(['c1']);
      const keys = asked(pipeline);
      const { report } = await pipeline.run([created]);
      expect(report).toMatchObject({ settled: 1, recorded: 0, parked: 0 });
      expect(keys).toEqual([[], ['usmf|c1']]);
      expect(pipeline.sides.dataverse.written).toEqual([]);
    });

    it('I13: a deletion that follows at once is not missed, though nothing was saved that proves that there is no link', async () => {
      const { pipeline, ids } = await linkedCustomers(['c1']);
      asked(pipeline);
      const rowId = ids['c1']?.finops ?? '';
      pipeline.sides.finops.remove(rowId);
      await pipeline.run([{ ...created, deletedIds: { finops: [rowId] } }]);
      expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')).toBeUndefined();
    });
  });
});
