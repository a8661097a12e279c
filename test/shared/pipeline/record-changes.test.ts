import { describe, expect, it } from 'vitest';
import { PIPELINE_SETTINGS } from '../../../shared/pipeline/dependencies.ts';
import { parkedChange } from '../../../shared/pipeline/park.ts';
import { aFault, times } from './memory-side.ts';
import { customerChange, linkedCustomers, type Pipeline, type Run } from './pipeline-fixture.ts';

const audit = (pipeline: Pipeline, account: string) =>
  pipeline.deps.state.listAudit({ mapId: 'customers', key: `usmf|${account}` });

const waits = ({ turns }: Run): number[] =>
  turns.flatMap(({ command }) => (command.kind === 'wait' ? [command.delayMs] : []));

/** A linked customer whose name was edited in F&O. */
async function edited(): Promise<{ pipeline: Pipeline; ids: { finops: string; dataverse: string } }> {
  const { pipeline, ids } = await linkedCustomers(['c1']);
  const own = ids['c1'] ?? { finops: '', dataverse: '' };
  pipeline.sides.finops.edit(own.finops, { Name: 'New' });
  return { pipeline, ids: own };
}

describe('recordChanges', () => {
  it('I14: explains a write with one audit entry that says what was before, what is now, and why', async () => {
    const { pipeline } = await edited();
    await pipeline.run([customerChange('c1', { sinceMs: pipeline.now() - 70 })]);
    const entries = await audit(pipeline, 'c1');
    expect(entries.map(({ operation }) => operation)).toEqual(['insert', 'update']);
    expect(entries[1]).toMatchObject({
      side: 'dataverse',
      before: { name: 'Name of c1' },
      after: { name: 'New' },
      cause: 'finops',
      mapVersion: '1.0.0.0',
      inferred: false,
      atMs: pipeline.now(),
      sinceMs: pipeline.now() - 70,
    });
    expect(pipeline.telemetry).toContainEqual(expect.objectContaining({ event: 'change.written', lagMs: 70 }));
  });

  it('I6: a pause that the other system asks for is waited for, and is no attempt', async () => {
    const { pipeline } = await edited();
    const pause = aFault('throttled', 'TW101', { retryAfterMs: 9_000 });
    pipeline.sides.dataverse.script.onWrite = times(8, pause);
    const run = await pipeline.run([customerChange('c1')]);
    expect(waits(run)).toHaveLength(8);
    expect(Math.min(...waits(run))).toBeGreaterThanOrEqual(9_000);
    expect(run.report.parked).toBe(0);
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('New');
    const attempts = run.turns.flatMap(({ command }) => (command.kind === 'plan' ? command.changes[0]?.attempts : []));
    expect(new Set(attempts)).toEqual(new Set([0]));
  });

  it('I4: what was parked while a record was written goes on waiting; what was parked before is done', async () => {
    const { pipeline, ids } = await edited();
    pipeline.sides.dataverse.script.onWrite = times(1, aFault('business', 'TW205'));
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'failed' }]);
    const { state } = pipeline.deps;
    const since = parkedChange(
      pipeline.deps,
      customerChange('c1', { deletedIds: { finops: [ids.finops] } }),
      'paused',
      null,
    );
    await pipeline.run([customerChange('c1')], {
      before: async ({ kind }) => (kind === 'record' ? await state.park([since]) : undefined),
    });
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('New');
    expect(await pipeline.parked()).toMatchObject([{ id: since.id, change: { deletedIds: { finops: [ids.finops] } } }]);
    expect(await pipeline.link('usmf|c1')).toMatchObject({ parked: null });
  });

  it('I6: a pause beyond the claim gives the claim back, keeps the intent and parks the record until it is over', async () => {
    const { pipeline } = await edited();
    const retryAfterMs = PIPELINE_SETTINGS.claimMs + 60_000;
    pipeline.sides.dataverse.script.onWrite = times(1, aFault('throttled', 'TW101', { retryAfterMs }));
    const run = await pipeline.run([customerChange('c1')]);
    expect(waits(run)).toEqual([]);
    expect(await pipeline.parked()).toMatchObject([
      { reason: 'throttled', dueAtMs: pipeline.now() + retryAfterMs, change: { attempts: 0 } },
    ]);
    expect(await pipeline.link('usmf|c1')).toMatchObject({
      claim: null,
      parked: expect.any(String),
      intent: { writes: { dataverse: {} } },
    });
    await pipeline.wait(retryAfterMs - 1);
    expect(pipeline.sides.dataverse.written).toEqual([]);
    await pipeline.wait(1);
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('New');
    expect(await pipeline.parked()).toEqual([]);
    expect(await pipeline.link('usmf|c1')).toMatchObject({ parked: null, intent: null });
  });

  it('I6: a passing fault is tried again after growing rests, six times, then the change is parked for later', async () => {
    const { pipeline } = await edited();
    pipeline.sides.dataverse.script.onWrite = times(6, aFault('transient', 'TW102'));
    const run = await pipeline.run([customerChange('c1')]);
    expect(run.report.parked).toBe(1);
    const delays = waits(run);
    expect([...delays].sort((a, b) => a - b)).toEqual(delays);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'attempts-exhausted' }]);
    await pipeline.wait(60_000);
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('New');
    expect(await pipeline.parked()).toEqual([]);
  });

  it('a refusal parks the change with its fault; a later edit is tried, and clears it', async () => {
    const { pipeline, ids } = await edited();
    pipeline.sides.dataverse.script.onWrite = ({ values }) =>
      values['name'] === 'New' ? aFault('business', 'TW205', { detail: '0x80040265' }) : null;
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([
      { reason: 'failed', fault: { code: 'TW205', detail: '0x80040265' }, identity: 'k|usmf|c1' },
    ]);
    pipeline.sides.finops.edit(ids.finops, { Name: 'Better' });
    await pipeline.run([customerChange('c1')]);
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('Better');
    expect(await pipeline.parked()).toEqual([]);
  });

  it("R2: a server's own answer goes back to the source once, and a source that refuses it keeps its own", async () => {
    for (const refuses of [false, true]) {
      const { pipeline } = await edited();
      pipeline.sides.dataverse.script.plugIn = (values) => ({ ...values, name: values['name']?.toUpperCase() ?? null });
      if (refuses) pipeline.sides.finops.script.onWrite = () => aFault('business', 'TW205');
      await pipeline.run([customerChange('c1')]);
      expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('NEW');
      expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')?.values['Name']).toBe(refuses ? 'New' : 'NEW');
      expect(await pipeline.parked()).toEqual([]);
      const writes = pipeline.sides.dataverse.written.length;
      await pipeline.run([customerChange('c1', { hinted: ['dataverse', 'finops'], full: true })]);
      expect(pipeline.sides.dataverse.written).toHaveLength(writes);
    }
  });

  it('R2: a right that is missing on the way back is no refusal: the answer goes back when it is there', async () => {
    const { pipeline } = await edited();
    pipeline.sides.dataverse.script.plugIn = (values) => ({ ...values, name: values['name']?.toUpperCase() ?? null });
    pipeline.sides.finops.script.onWrite = times(1, aFault('unauthorised', 'TW105'));
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'failed', fault: { code: 'TW105' } }]);
    await pipeline.wait(60_000);
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')?.values['Name']).toBe('NEW');
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R9: after one side was written and the other not, the finished write is recorded before planning again', async () => {
    const { pipeline, ids } = await edited();
    pipeline.sides.dataverse.edit(ids.dataverse, { phone: '1' });
    pipeline.sides.finops.script.onWrite = times(1, aFault('stale', 'TW201'));
    const { turns } = await pipeline.run([customerChange('c1', { hinted: ['dataverse', 'finops'] })]);
    const kinds = turns.map(({ command }) => command.kind);
    expect(kinds.slice(0, 4)).toEqual(['plan', 'write', 'record', 'plan']);
    expect(pipeline.sides.dataverse.written).toHaveLength(1);
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')?.values).toMatchObject({ Name: 'New', Phone: '1' });
    expect((await audit(pipeline, 'c1')).filter(({ operation }) => operation === 'update')).toHaveLength(2);
  });
});

describe('refused deletions', () => {
  const removed = async (): Promise<Pipeline> => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const id = ids['c1']?.finops ?? '';
    pipeline.sides.finops.remove(id);
    await pipeline.run([]);
    pipeline.queue.take();
    await pipeline.deps.queue.send([
      { id: 'deleted', body: { type: 'change', change: customerChange('c1', { deletedIds: { finops: [id] } }) } },
    ]);
    return pipeline;
  };

  it('R6: three refusals because of children bring the row back, with a conflict that says so', async () => {
    const pipeline = await removed();
    pipeline.sides.dataverse.script.onWrite = ({ operation }) =>
      operation === 'delete' ? aFault('business', 'TW205') : null;
    await pipeline.drain();
    for (let round = 0; round < 3; round += 1) {
      expect(pipeline.sides.finops.rows.size).toBe(0);
      expect(await pipeline.parked()).toMatchObject([{ reason: 'failed' }]);
      await pipeline.wait(200_000);
    }
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')?.values).toMatchObject({ Name: 'Name of c1' });
    expect(await pipeline.parked()).toEqual([]);
    expect(await pipeline.deps.state.listConflicts({ mapId: 'customers', key: 'usmf|c1' })).toMatchObject([
      { rule: 'delete-refused', winner: 'dataverse' },
    ]);
  });

  it('R6: a right that is missing is no refusal: the row stays deleted and the deletion waits', async () => {
    const pipeline = await removed();
    pipeline.sides.dataverse.script.onWrite = () => aFault('unauthorised', 'TW105');
    await pipeline.drain();
    const id = pipeline.sides.dataverse.find('customer', 'number', 'c1')?.id ?? '';
    for (let round = 0; round < 5; round += 1) {
      pipeline.sides.dataverse.edit(id, { unmapped: `${round}` });
      await pipeline.wait(4_000_000);
    }
    expect(pipeline.sides.finops.rows.size).toBe(0);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'failed', fault: { code: 'TW105' } }]);
    pipeline.sides.dataverse.script = {};
    await pipeline.wait(4_000_000);
    expect(pipeline.sides.dataverse.rows.size).toBe(0);
    expect(await pipeline.parked()).toEqual([]);
  });
});
