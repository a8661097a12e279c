import assert from 'node:assert/strict';
import { createConsiderateClient } from '../../../shared/adapters/http/considerate-client.ts';
import type { HttpClient } from '../../../shared/adapters/http/http-client.ts';
import { createMemorySideBlocks } from '../../../shared/adapters/memory/memory-side-blocks.ts';
import { failure, success } from '../../../shared/core/fault/fault.ts';
import { watchSides } from '../../../shared/pipeline/watch-sides.ts';
import { aFault } from '../../shared/pipeline/memory-side.ts';
import {
  createPipeline,
  customerChange,
  finopsCustomer,
  type Pipeline,
} from '../../shared/pipeline/pipeline-fixture.ts';

const ACCOUNTS = ['c1', 'c2', 'c3'];

/** Three customers of F&O that wait, one after the other, because Dataverse is gone. */
async function waiting(): Promise<Pipeline> {
  const pipeline = await createPipeline();
  await pipeline.deps.blocks.declare('dataverse', { standing: 'offline', sinceMs: pipeline.now() });
  pipeline.sides.dataverse.script.onWrite = () => aFault('offline', 'TW108');
  for (const account of ACCOUNTS) {
    pipeline.sides.finops.put('Customers', finopsCustomer(account));
    await pipeline.run([customerChange(account)]);
    pipeline.pass(1_000);
  }
  pipeline.sides.dataverse.script = {};
  assert.equal((await pipeline.parked()).length, ACCOUNTS.length);
  return pipeline;
}

const released = ({ queue }: Pipeline) =>
  queue.take(100).map(({ body }) => (body.type === 'change' ? body.change.key : null));

export const OUTAGE_SCENARIOS = {
  'a side that does not answer is called no more': async () => {
    let nowMs = 0;
    let sent = 0;
    const dead: HttpClient = {
      counts: () => ({}),
      send: async () => {
        sent += 1;
        return failure(aFault('transient', 'TW102'));
      },
    };
    const blocks = createMemorySideBlocks();
    const client = createConsiderateClient(dead, {
      side: 'dataverse',
      blocks,
      clock: { nowMs: () => nowMs },
      onOutage: () => blocks.declare('dataverse', { standing: 'offline', sinceMs: nowMs }),
    });
    for (let call = 0; call < 60; call += 1) {
      await client.send({ method: 'GET', url: 'https://example.invalid/', writes: false });
      nowMs += 2_000;
    }
    assert.ok(sent < 12, `${sent} calls were sent to a side that is gone`);
  },
  'what waited for a side is released in order of age': async () => {
    const pipeline = await waiting();
    await watchSides(pipeline.deps);
    assert.deepEqual(
      released(pipeline),
      ACCOUNTS.map((account) => `usmf|${account}`),
    );
  },
  'nothing is released while one side is gone': async () => {
    const pipeline = await waiting();
    await pipeline.deps.blocks.declare('finops', { standing: 'offline', sinceMs: pipeline.now() });
    pipeline.deps.probes = { ...pipeline.deps.probes, finops: async () => failure(aFault('transient', 'TW102')) };
    await watchSides(pipeline.deps);
    assert.deepEqual(released(pipeline), []);
    pipeline.deps.probes = { ...pipeline.deps.probes, finops: async () => success(null) };
    await watchSides(pipeline.deps);
    assert.equal(released(pipeline).length, ACCOUNTS.length);
  },
};
