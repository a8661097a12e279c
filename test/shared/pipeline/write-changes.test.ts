import { describe, expect, it } from 'vitest';
import { PIPELINE_SETTINGS } from '../../../shared/pipeline/dependencies.ts';
import { planChanges } from '../../../shared/pipeline/plan-changes.ts';
import { writeChanges } from '../../../shared/pipeline/write-changes.ts';
import { aFault } from './memory-side.ts';
import { customerChange, linkedCustomers, type Pipeline } from './pipeline-fixture.ts';

/** A customer that is claimed and about to be written. */
async function claimed(): Promise<{ pipeline: Pipeline; write: () => ReturnType<typeof writeChanges> }> {
  const { pipeline, ids } = await linkedCustomers(['c1']);
  pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
  const changes = [customerChange('c1')];
  const planned = await planChanges(pipeline.deps, { kind: 'plan', mapId: 'customers', owner: 'me', changes });
  expect(planned.claimed).toHaveLength(1);
  const write = () =>
    writeChanges(pipeline.deps, { kind: 'write', mapId: 'customers', owner: 'me', records: planned.claimed });
  return { pipeline, write };
}

const notSent = (reason: string) => ({
  records: [{ results: { finops: { kind: 'not-sent', reason }, dataverse: { kind: 'not-sent', reason } } }],
});

describe('writeChanges', () => {
  it('sends only the changed fields, under the version of the row, and answers what differs from them', async () => {
    const { pipeline, write } = await claimed();
    const before = pipeline.sides.dataverse.find('customer', 'number', 'c1')?.version;
    pipeline.sides.dataverse.script.plugIn = (values) => ({ ...values, phone: 'by a plug-in' });
    const { records } = await write();
    expect(pipeline.sides.dataverse.written).toMatchObject([
      { operation: 'update', ifMatch: before, values: { name: 'New' } },
    ]);
    expect(records).toMatchObject([{ results: { dataverse: { kind: 'done', differing: { phone: 'by a plug-in' } } } }]);
  });

  it('I7: sends nothing once the map is asked to pause, though the record was claimed before', async () => {
    for (const status of ['pausing', 'paused', 'stopped'] as const) {
      const { pipeline, write } = await claimed();
      await pipeline.deps.mapStore.setStatus('customers', status);
      expect(await write()).toMatchObject(notSent('paused'));
      expect(pipeline.sides.dataverse.written).toEqual([]);
    }
  });

  it('R7: sends nothing whose claim has too little time left for the whole call', async () => {
    const { pipeline, write } = await claimed();
    pipeline.pass(PIPELINE_SETTINGS.claimMs - PIPELINE_SETTINGS.writeCallMs + 1);
    expect(await write()).toMatchObject(notSent('claim-expiring'));
    expect(pipeline.sides.dataverse.written).toEqual([]);
  });

  it('R7: sends while the claim has just time enough', async () => {
    const { pipeline, write } = await claimed();
    pipeline.pass(PIPELINE_SETTINGS.claimMs - PIPELINE_SETTINGS.writeCallMs);
    await write();
    expect(pipeline.sides.dataverse.written).toHaveLength(1);
  });

  it('R7: sends nothing whose link was saved by somebody else', async () => {
    const { pipeline, write } = await claimed();
    const stored = (await pipeline.deps.state.loadLinks('customers', ['usmf|c1'])).get('usmf|c1');
    expect(stored).toBeDefined();
    const { link = null, etag = null } = stored ?? {};
    const commit = {
      mapId: 'customers',
      key: 'usmf|c1',
      link,
      etag,
      audit: [],
      conflicts: [],
      park: null,
      unpark: null,
    };
    expect(await pipeline.deps.state.commit([commit])).toMatchObject([{ kind: 'saved' }]);
    expect(await write()).toMatchObject(notSent('claim-expiring'));
    expect(pipeline.sides.dataverse.written).toEqual([]);
  });

  it('R7: a record whose claim ran out before the write is planned again and written then', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
    let late = true;
    const { turns, report } = await pipeline.run([customerChange('c1')], {
      before: (command) => {
        if (command.kind === 'write' && late) pipeline.pass(PIPELINE_SETTINGS.claimMs - 1_000);
        if (command.kind === 'write') late = false;
      },
    });
    expect(turns.filter(({ command }) => command.kind === 'write')).toHaveLength(2);
    expect(pipeline.sides.dataverse.written).toHaveLength(1);
    expect(report).toEqual({ settled: 1, recorded: 0, parked: 0 });
  });

  it('answers for each record by itself', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1', 'c2']);
    for (const account of ['c1', 'c2']) pipeline.sides.finops.edit(ids[account]?.finops ?? '', { Name: 'New' });
    pipeline.sides.dataverse.script.onWrite = (write) => (write.key === 'usmf|c1' ? aFault('business', 'TW205') : null);
    const changes = [customerChange('c1'), customerChange('c2')];
    const planned = await planChanges(pipeline.deps, { kind: 'plan', mapId: 'customers', owner: 'me', changes });
    const command = { kind: 'write', mapId: 'customers', owner: 'me', records: planned.claimed } as const;
    expect((await writeChanges(pipeline.deps, command)).records).toMatchObject([
      { key: 'usmf|c1', results: { dataverse: { kind: 'failed' } } },
      { key: 'usmf|c2', results: { dataverse: { kind: 'done' } } },
    ]);
    expect(pipeline.sides.dataverse.calls).toEqual(['write 2']);
  });

  describe('after an unknown outcome', () => {
    const accounts = Array.from({ length: 20 }, (_, index) => `c${index}`);

    /** Twenty records of which nobody knows what became of their last write. */
    async function suspects() {
      const { pipeline, ids } = await linkedCustomers(accounts);
      for (const account of accounts) pipeline.sides.finops.edit(ids[account]?.finops ?? '', { Name: 'New' });
      const changes = accounts.map((account) => customerChange(account, { apart: true }));
      const planned = await planChanges(pipeline.deps, { kind: 'plan', mapId: 'customers', owner: 'one', changes });
      const write = () =>
        writeChanges(pipeline.deps, { kind: 'write', mapId: 'customers', owner: 'one', records: planned.claimed });
      return { pipeline, write };
    }

    it('I12: sends what shared that call in shares', async () => {
      const { pipeline, write } = await suspects();
      await write();
      expect(pipeline.sides.dataverse.written).toHaveLength(20);
      const calls = pipeline.sides.dataverse.calls.filter((call) => call.startsWith('write'));
      expect(calls).toEqual([...Array.from({ length: 6 }, () => 'write 3'), 'write 2']);
    });

    it('I6: sends no further share once a pause is asked for', async () => {
      const { pipeline, write } = await suspects();
      const pause = aFault('throttled', 'TW101', { retryAfterMs: 9_000 });
      pipeline.sides.dataverse.script.onWrite = ({ key }) => (key === 'usmf|c4' ? pause : null);
      const { records } = await write();
      expect(pipeline.sides.dataverse.calls.filter((call) => call.startsWith('write'))).toHaveLength(2);
      const last = records.at(-1)?.results.dataverse;
      expect(last).toEqual({ kind: 'failed', fault: pause });
    });

    it('R7: sends no further share once the claims end too soon', async () => {
      const { pipeline, write } = await suspects();
      pipeline.sides.dataverse.script.onWrite = ({ key }) => {
        if (key === 'usmf|c4') pipeline.pass(PIPELINE_SETTINGS.claimMs);
        return null;
      };
      const { records } = await write();
      expect(pipeline.sides.dataverse.written).toHaveLength(6);
      expect(records.at(-1)?.results.dataverse).toEqual({ kind: 'not-sent', reason: 'claim-expiring' });
    });
  });
});
