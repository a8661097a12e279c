import assert from 'node:assert/strict';
import { createMemoryCheckpointStore } from '../../../shared/adapters/memory/memory-checkpoint-store.ts';
import { success } from '../../../shared/core/fault/fault.ts';
import { type CatchUpDependencies, catchUp } from '../../../shared/pipeline/catch-up.ts';
import type { ChangeFeed } from '../../../shared/ports/change-feed.ts';
import { linkedCustomer, shown } from './claim-scenarios.ts';

const INTERVAL_MS = 60_000;

/** A linked customer whose name was changed in Dataverse, of which no event told; the feed tells of it, once. */
async function unheardOf() {
  const { pipeline, dataverse, rows } = await linkedCustomer();
  dataverse.edit(rows.dataverse, { name: 'Unheard of' });
  let asked = 0;
  const feed: ChangeFeed = {
    next: async (map, cursor) => {
      asked += 1;
      const tells = map.id === 'customers' && cursor === null;
      const version = dataverse.rows.get(rows.dataverse)?.version ?? '';
      const told = tells ? [{ rowId: rows.dataverse, version }] : [];
      return success({ rows: told, deletedIds: [], cursor: 'after it', more: false, restarted: false });
    },
  };
  const checkpoints = createMemoryCheckpointStore();
  /** One tick of the timer; the pipeline's dependencies may have been exchanged since the last. */
  const tick = (): Promise<void> => {
    const deps: CatchUpDependencies = { ...pipeline.deps, feed, checkpoints, catchUpIntervalMs: INTERVAL_MS };
    return catchUp(deps);
  };
  return { pipeline, tick, asked: () => asked };
}

export const CATCH_UP_SCENARIOS = {
  'an edit of which no event told crosses with the next reading': async () => {
    const { pipeline, tick } = await unheardOf();
    await tick();
    await pipeline.drain();
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['Unheard of', 'Unheard of']);
  },

  'what a reading told is told again where it did not reach the queue': async () => {
    const { pipeline, tick } = await unheardOf();
    const { queue } = pipeline.deps;
    pipeline.deps.queue = { send: () => Promise.reject(new Error('the queue is down')) };
    await tick().catch(() => undefined);
    pipeline.deps.queue = queue;
    pipeline.pass(10 * INTERVAL_MS);
    await tick();
    await pipeline.drain();
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['Unheard of', 'Unheard of']);
  },

  'no changes are asked for while Dataverse is gone': async () => {
    const { pipeline, tick, asked } = await unheardOf();
    await pipeline.deps.blocks.declare('dataverse', { standing: 'offline', sinceMs: pipeline.now() });
    await tick();
    assert.equal(asked(), 0);
  },

  'no changes are asked for during a pause': async () => {
    const { pipeline, tick, asked } = await unheardOf();
    await pipeline.deps.blocks.block('dataverse', pipeline.now() + INTERVAL_MS);
    await tick();
    assert.equal(asked(), 0);
  },
};
