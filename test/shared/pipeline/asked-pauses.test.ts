import { describe, expect, it } from 'vitest';
import { PIPELINE_SETTINGS } from '../../../shared/pipeline/dependencies.ts';
import { planChanges } from '../../../shared/pipeline/plan-changes.ts';
import { aFault, times } from './memory-side.ts';
import { createPipeline, customerChange, finopsCustomer, linkedCustomers, type Run } from './pipeline-fixture.ts';

const waits = ({ turns }: Run): number[] =>
  turns.flatMap(({ command }) => (command.kind === 'wait' ? [command.delayMs] : []));

describe('a pause that a side asks for', () => {
  it('I6: holds when the other side fails at the same time', async () => {
    const { pipeline } = await linkedCustomers(['c1']);
    pipeline.sides.finops.script.onRead = times(1, aFault('throttled', 'TW101', { retryAfterMs: 9_000 }));
    pipeline.sides.dataverse.script.onRead = times(1, aFault('transient', 'TW102'));
    const run = await pipeline.run([customerChange('c1', { full: true })]);
    expect(waits(run)[0]).toBeGreaterThanOrEqual(9_000);
  });

  it('I6: holds for the records of the batch that needed nothing read there', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1', 'c2']);
    pipeline.sides.dataverse.edit(ids['c2']?.dataverse ?? '', { name: 'New' });
    pipeline.sides.finops.script.onRead = times(1, aFault('throttled', 'TW101', { retryAfterMs: 9_000 }));
    const changes = [customerChange('c1'), customerChange('c2', { hinted: ['dataverse'] })];
    const answer = await planChanges(pipeline.deps, { kind: 'plan', mapId: 'customers', owner: 'o', changes });
    expect(answer.claimed).toEqual([]);
    expect(answer.again).toHaveLength(2);
    expect(answer.waitMs).toBeGreaterThanOrEqual(9_000);
  });

  it('I6: holds for the others when the record that met it is parked meanwhile', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1', 'c2']);
    for (const account of ['c1', 'c2']) pipeline.sides.finops.edit(ids[account]?.finops ?? '', { Name: 'New' });
    const longMs = PIPELINE_SETTINGS.claimMs + 60_000;
    const pause = times(1, aFault('throttled', 'TW101', { retryAfterMs: longMs }));
    pipeline.sides.dataverse.script.onWrite = ({ key }) =>
      key === 'usmf|c1' ? pause() : key === 'usmf|c2' ? once() : null;
    const once = times(1, aFault('transient', 'TW102'));
    const run = await pipeline.run([customerChange('c1'), customerChange('c2')]);
    expect(waits(run)[0]).toBeGreaterThanOrEqual(longMs);
  });
});

describe('a row outside the filter that goes', () => {
  it('R3: lets the row of the other side be carried over that it stood in the way of', async () => {
    const pipeline = await createPipeline();
    const person = pipeline.sides.finops.put('Customers', finopsCustomer('c1', { Kind: 'person' }));
    await pipeline.run([customerChange('c1')]);
    const values = { number: 'c1', 'company.code': 'usmf', kindcode: '3', name: 'Firm' };
    const rowId = pipeline.sides.dataverse.put('customer', values);
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'], rowIds: { dataverse: [rowId] } })]);
    expect(pipeline.sides.finops.written).toEqual([]);
    pipeline.sides.finops.remove(person);
    await pipeline.run([customerChange('c1', { deletedIds: { finops: [person] } })]);
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')?.values).toMatchObject({ Name: 'Firm' });
  });
});
