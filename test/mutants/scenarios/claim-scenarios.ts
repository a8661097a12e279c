import assert from 'node:assert/strict';
import { handleCommand } from '../../../shared/pipeline/handle-command.ts';
import type { SyncCommand } from '../../../shared/pipeline/sync-changes.ts';
import { aFault, times } from '../../shared/pipeline/memory-side.ts';
import {
  createPipeline,
  customerChange,
  finopsCustomer,
  linkedCustomers,
  type Pipeline,
} from '../../shared/pipeline/pipeline-fixture.ts';

/** A linked customer with its row ids, and the hint that F&O gives about it. */
export async function linkedCustomer() {
  const { pipeline, ids } = await linkedCustomers(['c1']);
  const rows = ids['c1'] ?? { finops: '', dataverse: '' };
  return { pipeline, finops: pipeline.sides.finops, dataverse: pipeline.sides.dataverse, rows };
}

/** What both sides show in the columns of these names. */
export function shown({ sides }: Pipeline, finopsColumn: string, dataverseColumn: string) {
  return [
    sides.finops.find('Customers', 'Account', 'c1')?.values[finopsColumn] ?? null,
    sides.dataverse.find('customer', 'number', 'c1')?.values[dataverseColumn] ?? null,
  ];
}

/** The orchestration is lost before it carries out this command; its claim stays. */
async function loseBefore(pipeline: Pipeline, kind: SyncCommand['kind'], change = customerChange('c1')): Promise<void> {
  const lost = new Error('the orchestration is lost');
  const before = (command: SyncCommand): void => {
    if (command.kind === kind) throw lost;
  };
  await assert.rejects(pipeline.run([change], { before }), lost);
}

export const CLAIM_SCENARIOS = {
  'a write that was carried out and then refused is ours': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'First', Phone: '1' });
    let attempts = 0;
    dataverse.script.onWrite = () => {
      attempts += 1;
      return attempts === 2 ? aFault('business', 'TW205') : null;
    };
    await pipeline.run([customerChange('c1')], { dies: ({ kind }) => kind === 'write' && attempts === 1 });
    assert.deepEqual([attempts, (await pipeline.parked()).length], [2, 1]);
    finops.edit(rows.finops, { Name: 'Second' });
    await pipeline.run([customerChange('c1')]);
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['Second', 'Second']);
    const conflicts = await pipeline.deps.state.listConflicts({ mapId: 'customers', key: 'usmf|c1' });
    assert.deepEqual(
      conflicts.map(({ rule }) => rule),
      ['assumed-own-write'],
    );
  },

  'a claim that just ended is waited for': async () => {
    const { pipeline, finops, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'New' });
    await loseBefore(pipeline, 'write');
    pipeline.pass(pipeline.deps.settings.claimMs + 1_000);
    const { turns } = await pipeline.run([customerChange('c1')]);
    assert.deepEqual(turns.map(({ command }) => command.kind).slice(0, 2), ['plan', 'wait']);
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['New', 'New']);
  },

  'nothing is sent on a claim that is about to end': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    const { claimMs, writeCallMs } = pipeline.deps.settings;
    finops.edit(rows.finops, { Name: 'New' });
    let rested = false;
    await pipeline.run([customerChange('c1')], {
      before: ({ kind }) => {
        if (kind === 'write' && !rested) pipeline.pass(claimMs - writeCallMs + 1);
        if (kind === 'record' && !rested) assert.deepEqual(dataverse.written, []);
        rested ||= kind === 'record';
      },
    });
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['New', 'New']);
  },

  'nothing is sent under another etag': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'New' });
    dataverse.script.onWrite = times(1, aFault('stale', 'TW201'));
    const writes: SyncCommand[] = [];
    await pipeline.run([customerChange('c1')], {
      before: async (command) => {
        if (command.kind !== 'write') return;
        writes.push(command);
        const [late] = writes;
        if (writes.length !== 2 || late === undefined || late.kind === 'wait') return;
        await handleCommand(pipeline.deps, late);
        assert.deepEqual(dataverse.written, []);
      },
    });
    assert.equal(writes.length, 2);
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['New', 'New']);
  },

  'a claim of another batch is waited for without a write': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'New' });
    await loseBefore(pipeline, 'write');
    const waited = new Error('it waits');
    const before = ({ kind }: SyncCommand): void => {
      assert.notEqual(kind, 'write');
      if (kind === 'wait') throw waited;
    };
    await assert.rejects(pipeline.run([customerChange('c1')], { before }), waited);
    assert.deepEqual(dataverse.written, []);
  },

  'our own unrecorded write is not taken for an edit': async () => {
    const { pipeline, finops, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Phone: 'ours' });
    await loseBefore(pipeline, 'record');
    assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['ours', 'ours']);
    finops.edit(rows.finops, { Phone: 'newer' });
    pipeline.pass(200_000);
    await pipeline.run([customerChange('c1')]);
    assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['newer', 'newer']);
  },

  'one field proves the whole of an unrecorded write': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'ours', Phone: 'ours' });
    await loseBefore(pipeline, 'record');
    dataverse.edit(rows.dataverse, { name: 'newer' });
    pipeline.pass(200_000);
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['newer', 'newer']);
    assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['ours', 'ours']);
  },

  'no news is old while an intent is open': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    dataverse.edit(rows.dataverse, { name: 'newer' });
    await loseBefore(pipeline, 'record', customerChange('c1', { hinted: ['dataverse'] }));
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['newer', 'newer']);
    finops.edit(rows.finops, { Name: 'Name of c1' });
    pipeline.pass(200_000);
    const news = { name: 'Name of c1' };
    await pipeline.run([customerChange('c1', { news, rowIds: { finops: [rows.finops] } })]);
    const [name, ofDataverse] = shown(pipeline, 'Name', 'name');
    assert.equal(name, ofDataverse);
  },

  'a new row with our GUID is ours': async () => {
    const pipeline = await createPipeline();
    const { finops, dataverse } = pipeline.sides;
    finops.put('Customers', finopsCustomer('c1'));
    await loseBefore(pipeline, 'record');
    const [id = ''] = dataverse.rows.keys();
    dataverse.edit(id, { name: 'newer' });
    pipeline.pass(200_000);
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['newer', 'newer']);
  },

  'a write that is found done is audited': async () => {
    const { pipeline, finops, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'New' });
    await loseBefore(pipeline, 'record');
    pipeline.pass(200_000);
    await pipeline.run([customerChange('c1')]);
    const audit = await pipeline.deps.state.listAudit({ mapId: 'customers', key: 'usmf|c1' });
    assert.deepEqual(
      audit.map(({ operation, inferred }) => [operation, inferred]),
      [
        ['insert', false],
        ['update', true],
      ],
    );
  },

  'a write that may still land is repeated first': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Phone: 'first' });
    dataverse.script.onWrite = times(1, aFault('unknown', 'TW103'));
    let writes = 0;
    await pipeline.run([customerChange('c1')], {
      before: ({ kind }) => {
        if (kind === 'wait') finops.edit(rows.finops, { Phone: 'second' });
        if (kind === 'write') writes += 1;
        // The server carries out by now what nobody saw answered.
        if (kind === 'write' && writes === 2) dataverse.edit(rows.dataverse, { phone: 'first' });
      },
    });
    assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['second', 'second']);
  },

  'of two writes the one that was done is recorded': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Phone: 'p' });
    dataverse.edit(rows.dataverse, { name: 'first' });
    let writes = 0;
    await pipeline.run([customerChange('c1', { hinted: ['finops', 'dataverse'] })], {
      before: ({ kind }) => {
        if (kind === 'write') writes += 1;
        if (kind === 'write' && writes === 1) dataverse.edit(rows.dataverse, { name: 'second' });
      },
    });
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['second', 'second']);
    assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['p', 'p']);
  },
};
