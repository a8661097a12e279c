import { describe, expect, it } from 'vitest';
import { failure, success } from '../../../shared/core/fault/fault.ts';
import { dispatchChanges } from '../../../shared/pipeline/dispatch-changes.ts';
import { watchSides } from '../../../shared/pipeline/watch-sides.ts';
import { aFault } from './memory-side.ts';
import { createPipeline, customerChange, linkedCustomers, type Pipeline } from './pipeline-fixture.ts';

const GONE = aFault('offline', 'TW108');

async function declare(pipeline: Pipeline, standing: 'online' | 'offline' | 'recovering'): Promise<void> {
  await pipeline.deps.blocks.declare('dataverse', { standing, sinceMs: pipeline.now() });
}

const standing = async ({ deps }: Pipeline) => (await deps.blocks.standing('dataverse')).standing;

describe('while a side is gone', () => {
  it('R23: changes are parked at dispatch, one for each record, and nothing is started or called', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    await declare(pipeline, 'offline');
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Phone: '1' });
    const before = pipeline.sides.dataverse.calls.length;
    for (let edit = 0; edit < 3; edit += 1) {
      await dispatchChanges(pipeline.deps, [{ type: 'change', change: customerChange('c1') }]);
    }
    expect(pipeline.started).toEqual([]);
    expect(pipeline.sides.dataverse.calls).toHaveLength(before);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'offline', identity: 'k|usmf|c1' }]);
  });

  it('R23: a batch that finds it gone when reading is parked whole', async () => {
    const pipeline = await createPipeline();
    pipeline.sides.finops.put('Customers', { dataAreaId: 'usmf', Account: 'c1', Name: 'n' });
    pipeline.sides.finops.script.onRead = () => GONE;
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'offline', fault: { code: 'TW108' } }]);
  });

  it('R23 I9: a write that finds it gone is parked with its intent, and carried out afterwards', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Phone: '1' });
    pipeline.sides.dataverse.script.onWrite = () => GONE;
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'offline' }]);
    pipeline.sides.dataverse.script = {};
    await declare(pipeline, 'recovering');
    await watchSides(pipeline.deps);
    await pipeline.drain();
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['phone']).toBe('1');
    expect(await pipeline.parked()).toEqual([]);
  });
});

describe('the watch over the sides', () => {
  it('R23: probes a side that is gone, and does nothing to those that are there', async () => {
    const pipeline = await createPipeline();
    const probed: string[] = [];
    pipeline.deps.probes.finops = async () => {
      probed.push('finops');
      return success(null);
    };
    pipeline.deps.probes.dataverse = async () => {
      probed.push('dataverse');
      return failure(aFault('transient', 'TW102'));
    };
    await watchSides(pipeline.deps);
    expect(probed).toEqual([]);
    await declare(pipeline, 'offline');
    await watchSides(pipeline.deps);
    expect(probed).toEqual(['dataverse']);
    expect(await standing(pipeline)).toBe('offline');
  });

  it('R23 I4: releases all that waited in order of age, and only once both sides are there', async () => {
    const numbers = Array.from({ length: 30 }, (_, index) => `c${index}`);
    const { pipeline } = await linkedCustomers(numbers);
    await declare(pipeline, 'offline');
    for (const number of numbers.toReversed()) {
      await dispatchChanges(pipeline.deps, [{ type: 'change', change: customerChange(number) }]);
      pipeline.pass(50);
    }
    await pipeline.deps.blocks.declare('finops', { standing: 'offline', sinceMs: pipeline.now() });
    pipeline.deps.probes.finops = async () => failure(aFault('transient', 'TW102'));
    await watchSides(pipeline.deps);
    expect(await pipeline.parked()).toHaveLength(30);
    pipeline.deps.probes.finops = async () => success(null);
    await watchSides(pipeline.deps);
    const released = pipeline.queue.take(100).map(({ body }) => (body.type === 'change' ? body.change.key : null));
    expect(released).toEqual(numbers.toReversed().map((number) => `usmf|${number}`));
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R23: counts the age of a record from the first change that waits, though others came since', async () => {
    const pipeline = await createPipeline();
    await declare(pipeline, 'offline');
    for (const account of ['c2', 'c1', 'c2']) {
      await dispatchChanges(pipeline.deps, [{ type: 'change', change: customerChange(account) }]);
      pipeline.pass(50);
    }
    await watchSides(pipeline.deps);
    const released = pipeline.queue.take(100).map(({ body }) => (body.type === 'change' ? body.change.key : null));
    expect(released).toEqual(['usmf|c2', 'usmf|c1']);
  });

  it('R23: takes a side for well again a minute after nothing waits any more', async () => {
    const { pipeline } = await linkedCustomers(['c1']);
    await declare(pipeline, 'offline');
    await watchSides(pipeline.deps);
    expect(await standing(pipeline)).toBe('recovering');
    pipeline.pass(30_000);
    await watchSides(pipeline.deps);
    expect(await standing(pipeline)).toBe('recovering');
    // Another instance parked this one, that had not heard yet.
    await pipeline.run([customerChange('c1', { hinted: ['finops'] })]);
    pipeline.pass(31_000);
    await watchSides(pipeline.deps);
    expect(await standing(pipeline)).toBe('online');
    expect(pipeline.telemetry.filter(({ event }) => event === 'side.standing')).toMatchObject([
      { side: 'dataverse', standing: 'recovering' },
      { side: 'dataverse', standing: 'online' },
    ]);
  });
});
