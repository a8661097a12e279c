import assert from 'node:assert/strict';
import { pauseMap, resumeMap } from '../../../shared/pipeline/control-map.ts';
import { dispatchChanges } from '../../../shared/pipeline/dispatch-changes.ts';
import { handleCommand } from '../../../shared/pipeline/handle-command.ts';
import { releaseDue, releaseParked } from '../../../shared/pipeline/release-parked.ts';
import type { RecordCommit } from '../../../shared/ports/state-store.ts';
import { aFault, times } from '../../shared/pipeline/memory-side.ts';
import {
  createPipeline,
  customerChange,
  finopsCustomer,
  groupChange,
  type Pipeline,
} from '../../shared/pipeline/pipeline-fixture.ts';
import { linkedCustomer } from './claim-scenarios.ts';

/** A customer whose edit was refused, so that it waits. */
async function parkedCustomer() {
  const scene = await linkedCustomer();
  const { pipeline, finops, dataverse, rows } = scene;
  finops.edit(rows.finops, { Name: 'Refused' });
  dataverse.script.onWrite = times(1, aFault('business', 'TW205'));
  await pipeline.run([customerChange('c1')]);
  const stored = await pipeline.deps.state.listParked({ limit: 10 });
  assert.equal(stored.length, 1);
  return { ...scene, stored };
}

const parkAgain = ({ deps }: Pipeline) =>
  handleCommand(deps, { kind: 'park', mapId: 'customers', changes: [customerChange('c1')] });

/** A customer and the group that it refers to, both new in F&O; Dataverse refuses the one before the other. */
async function childAndParent(): Promise<Pipeline> {
  const pipeline = await createPipeline();
  const { finops, dataverse } = pipeline.sides;
  pipeline.deps.settings = { ...pipeline.deps.settings, syncMissingParents: false };
  dataverse.script.onWrite = ({ values }) => {
    const group = values['parentgroup.groupid'];
    const found = group == null || dataverse.find('group', 'groupid', group) !== undefined;
    return found ? null : aFault('missing-reference', 'TW204', { field: 'parentgroup.groupid' });
  };
  finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
  finops.put('Groups', { GroupId: 'g1', Title: 'Retail' });
  return pipeline;
}

async function assertChildArrives(pipeline: Pipeline): Promise<void> {
  await pipeline.drain();
  assert.ok(pipeline.sides.dataverse.find('customer', 'number', 'c1') !== undefined, 'the child waits in vain');
}

export const WAITING_SCENARIOS = {
  'a map that was paused after the claim writes nothing': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'New' });
    await pipeline.run([customerChange('c1')], {
      before: async ({ kind }) => {
        if (kind === 'write') await pauseMap(pipeline.deps, 'customers', 'ada@contoso.com');
      },
    });
    assert.deepEqual(dataverse.written, []);
  },

  'a map is paused when none of its claims is live': async () => {
    const { pipeline, finops, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'New' });
    const outcomes: string[] = [];
    const pause = async (): Promise<void> => {
      outcomes.push((await pauseMap(pipeline.deps, 'customers', 'ada@contoso.com')).status);
    };
    await pipeline.run([customerChange('c1')], { before: ({ kind }) => (kind === 'write' ? pause() : undefined) });
    await pause();
    assert.deepEqual(outcomes, ['pausing', 'paused']);
  },

  'a success takes out only what its link named': async () => {
    const { pipeline } = await parkedCustomer();
    await pipeline.run([customerChange('c1')], {
      before: async ({ kind }) => {
        if (kind === 'record') await parkAgain(pipeline);
      },
    });
    assert.equal((await pipeline.parked()).length, 1);
  },

  'a release takes out only what it read': async () => {
    const { pipeline, stored } = await parkedCustomer();
    const { queue } = pipeline.deps;
    const send: typeof queue.send = async (messages) => {
      await parkAgain(pipeline);
      await queue.send(messages);
    };
    pipeline.deps.queue = { send };
    await releaseParked(pipeline.deps, stored);
    assert.equal((await pipeline.parked()).length, 1);
  },

  'a release that fails leaves the change parked': async () => {
    const { pipeline, stored } = await parkedCustomer();
    const down = new Error('the queue is down');
    pipeline.deps.queue = { send: () => Promise.reject(down) };
    await assert.rejects(releaseParked(pipeline.deps, stored), down);
    assert.equal((await pipeline.parked()).length, 1);
  },

  'what is parked while its map is resumed is released': async () => {
    const { pipeline } = await linkedCustomer();
    const { state } = pipeline.deps;
    await pauseMap(pipeline.deps, 'customers', 'ada@contoso.com');
    const park: typeof state.park = async (changes) => {
      await resumeMap(pipeline.deps, 'customers', 'ada@contoso.com');
      await state.park(changes);
    };
    pipeline.deps.state = { ...state, park };
    await dispatchChanges(pipeline.deps, [{ type: 'change', change: customerChange('c1') }]);
    assert.deepEqual(await pipeline.parked(), []);
    assert.equal(pipeline.queue.length, 1);
  },

  'only what is due is released by time': async () => {
    const { pipeline } = await parkedCustomer();
    assert.equal(await releaseDue(pipeline.deps), 0);
    assert.equal((await pipeline.parked()).length, 1);
  },

  'a child that parks while its parent is recorded is released': async () => {
    const pipeline = await childAndParent();
    const refused = Promise.withResolvers<void>();
    const recording = Promise.withResolvers<void>();
    const child = pipeline.run([customerChange('c1')], {
      before: async ({ kind }) => {
        if (kind !== 'record') return;
        refused.resolve();
        await recording.promise;
      },
    });
    await refused.promise;
    const { state } = pipeline.deps;
    const commit = async (commits: readonly RecordCommit[]) => {
      const isRecord = commits.some(({ mapId, audit }) => mapId === 'groups' && audit.length > 0);
      if (isRecord) {
        recording.resolve();
        await child;
      }
      return state.commit(commits);
    };
    pipeline.deps.state = { ...state, commit };
    await pipeline.run([groupChange('g1')]);
    await assertChildArrives(pipeline);
  },

  'a child whose parent came before it parked is released': async () => {
    const pipeline = await childAndParent();
    const { state } = pipeline.deps;
    const addWaiter: typeof state.addWaiter = async (...waiter) => {
      await pipeline.run([groupChange('g1')]);
      await state.addWaiter(...waiter);
    };
    pipeline.deps.state = { ...state, addWaiter };
    await pipeline.run([customerChange('c1')]);
    await assertChildArrives(pipeline);
  },

  'children are released by any plan of their parent': async () => {
    const pipeline = await childAndParent();
    const { queue } = pipeline.deps;
    const down = new Error('the queue is down');
    await pipeline.run([customerChange('c1')]);
    pipeline.deps.queue = { send: () => Promise.reject(down) };
    await assert.rejects(pipeline.run([groupChange('g1')]), down);
    pipeline.deps.queue = queue;
    await pipeline.run([groupChange('g1')]);
    await assertChildArrives(pipeline);
  },

  'all batches of one delivery are carried out': async () => {
    const { deps, started } = await createPipeline();
    const changes = Array.from({ length: 150 }, (_, index) => customerChange(`c${index}`));
    await dispatchChanges(
      deps,
      changes.map((change) => ({ type: 'change', change })),
    );
    assert.equal(new Set(started.map(({ id }) => id)).size, 2);
  },

  'Retry-After is honoured': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'New' });
    dataverse.script.onWrite = times(1, aFault('throttled', 'TW101', { retryAfterMs: 30_000 }));
    const { turns } = await pipeline.run([customerChange('c1')]);
    const waits = turns.flatMap(({ command }) => (command.kind === 'wait' ? command.delayMs : []));
    assert.equal(waits.length, 1);
    assert.ok(Math.min(...waits) >= 30_000);
  },

  'a pause longer than the claim is waited for outside': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'New' });
    dataverse.script.onWrite = times(1, aFault('throttled', 'TW101', { retryAfterMs: 300_000 }));
    const { turns } = await pipeline.run([customerChange('c1')]);
    assert.deepEqual(
      turns.map(({ command }) => command.kind),
      ['plan', 'write', 'record'],
    );
    assert.deepEqual(
      (await pipeline.parked()).map(({ reason, dueAtMs }) => [reason, dueAtMs]),
      [['throttled', pipeline.now() + 300_000]],
    );
  },

  'attempts end': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Name: 'New' });
    let attempts = 0;
    dataverse.script.onWrite = () => {
      attempts += 1;
      return attempts <= 100 ? aFault('transient', 'TW102') : null;
    };
    await pipeline.run([customerChange('c1')]);
    assert.ok(attempts <= 24, `${attempts} attempts`);
  },
};
