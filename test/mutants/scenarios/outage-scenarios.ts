import assert from 'node:assert/strict';
import { createConsiderateClient } from '../../../shared/adapters/http/considerate-client.ts';
import type { HttpRequest, HttpResponse } from '../../../shared/adapters/http/http-client.ts';
import { createMemorySideBlocks } from '../../../shared/adapters/memory/memory-side-blocks.ts';
import { failure, success } from '../../../shared/core/fault/fault.ts';
import { dispatchChanges } from '../../../shared/pipeline/dispatch-changes.ts';
import { watchSides } from '../../../shared/pipeline/watch-sides.ts';
import type { Probe, Standing } from '../../../shared/ports/side-blocks.ts';
import { aFault } from '../../shared/pipeline/memory-side.ts';
import { createPipeline, customerChange, type Pipeline } from '../../shared/pipeline/pipeline-fixture.ts';
import { linkedCustomer, shown } from './claim-scenarios.ts';

const REQUEST: HttpRequest = { method: 'GET', url: 'http://side/row', writes: false };
const STILL_GONE: Probe = async () => failure(aFault('transient', 'TW102'));

/** Two clients of a side that gives these answers, one after the other, and how often it was called. */
function callers(answers: readonly Partial<HttpResponse>[]) {
  let nowMs = 0;
  let seen = 0;
  const blocks = createMemorySideBlocks();
  const send = async () => {
    seen += 1;
    return success({ status: 200, headers: {}, text: '', ...answers[seen - 1] });
  };
  const clientOf = () =>
    createConsiderateClient(
      { counts: () => ({}), send },
      {
        side: 'dataverse',
        blocks,
        clock: { nowMs: () => nowMs },
        onOutage: () => blocks.declare('dataverse', { standing: 'offline', sinceMs: nowMs }),
      },
    );
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { clients: [clientOf(), clientOf()] as const, pass, seen: () => seen };
}

/** How many of as many calls, two seconds apart, are sent to a side that gives these statuses. */
async function callsSeen(statuses: readonly number[]): Promise<number> {
  const { clients, pass, seen } = callers(statuses.map((status) => ({ status })));
  for (const _ of statuses) {
    await clients[0].send(REQUEST);
    pass(2_000);
  }
  return seen();
}

function declare({ deps, now }: Pipeline, standing: Standing, side: 'finops' | 'dataverse' = 'dataverse') {
  return deps.blocks.declare(side, { standing, sinceMs: now() });
}

/** Hints that come one after the other while Dataverse is gone. */
async function parkedInOutage(accounts: readonly string[]): Promise<Pipeline> {
  const pipeline = await createPipeline();
  await declare(pipeline, 'offline');
  for (const account of accounts) {
    await dispatchChanges(pipeline.deps, [{ type: 'change', change: customerChange(account) }]);
    pipeline.pass(50);
  }
  return pipeline;
}

/** The keys of the changes that were enqueued. */
function released({ queue }: Pipeline): (string | null)[] {
  return queue.take(100).map(({ body }) => (body.type === 'change' ? body.change.key : null));
}

export const OUTAGE_SCENARIOS = {
  'a side that is gone is called no more': async () => {
    assert.equal(await callsSeen(Array.from({ length: 20 }, () => 503)), 8);
  },

  'a side that answers in between is there': async () => {
    const statuses = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 503 : 200));
    assert.equal(await callsSeen(statuses), 20);
  },

  'a pause is kept by who was not told of it': async () => {
    const { clients, pass, seen } = callers([{ status: 429, retryAfterMs: 7_000 }]);
    await clients[0].send(REQUEST);
    pass(2_000);
    await clients[1].send(REQUEST);
    assert.equal(seen(), 1);
  },

  'of two pauses the longer one holds': async () => {
    const long = { status: 429, retryAfterMs: 7_000 };
    const { clients, pass, seen } = callers([long, { ...long, retryAfterMs: 1_000 }]);
    await Promise.all(clients.map((client) => client.send(REQUEST)));
    pass(2_000);
    await clients[0].send(REQUEST);
    assert.equal(seen(), 2);
  },

  'what comes while a side is gone waits': async () => {
    const pipeline = await parkedInOutage(['c1', 'c2', 'c1']);
    assert.deepEqual(pipeline.started, []);
    assert.deepEqual(
      (await pipeline.parked()).map(({ reason }) => reason),
      ['offline', 'offline'],
    );
  },

  'what waited for a side is released when it answers': async () => {
    const pipeline = await parkedInOutage(['c1', 'c2']);
    pipeline.deps.probes.dataverse = STILL_GONE;
    await watchSides(pipeline.deps);
    assert.deepEqual(released(pipeline), []);
    pipeline.deps.probes.dataverse = async () => success(null);
    await watchSides(pipeline.deps);
    assert.equal(released(pipeline).length, 2);
    assert.deepEqual(await pipeline.parked(), []);
  },

  'nothing is released before both sides are there': async () => {
    const pipeline = await parkedInOutage(['c1']);
    await declare(pipeline, 'offline', 'finops');
    pipeline.deps.probes.finops = STILL_GONE;
    await watchSides(pipeline.deps);
    assert.deepEqual(released(pipeline), []);
    assert.equal((await pipeline.parked()).length, 1);
  },

  'what waited for a side is released in order of age': async () => {
    const pipeline = await parkedInOutage(['c3', 'c1', 'c2', 'c3']);
    await watchSides(pipeline.deps);
    assert.deepEqual(released(pipeline), ['usmf|c3', 'usmf|c1', 'usmf|c2']);
  },

  'what was parked late in an outage is released': async () => {
    const pipeline = await parkedInOutage([]);
    await watchSides(pipeline.deps);
    pipeline.pass(5_000);
    await watchSides(pipeline.deps);
    // This batch was under way, and its instance has not heard yet that the side is back.
    pipeline.sides.finops.script.onRead = () => aFault('offline', 'TW108');
    await pipeline.run([customerChange('c1')]);
    assert.equal((await pipeline.parked()).length, 1);
    await watchSides(pipeline.deps);
    assert.deepEqual(released(pipeline), ['usmf|c1']);
  },

  'a write that finds its side gone is carried out afterwards': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Phone: '1' });
    dataverse.script.onWrite = () => aFault('offline', 'TW108');
    await pipeline.run([customerChange('c1')]);
    dataverse.script = {};
    await declare(pipeline, 'recovering');
    await watchSides(pipeline.deps);
    await pipeline.drain();
    assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['1', '1']);
  },
};
