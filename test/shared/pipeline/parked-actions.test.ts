import { describe, expect, it } from 'vitest';
import { parkedChange } from '../../../shared/pipeline/park.ts';
import { approveDeletions, dismissParked, retryParked, selectParked } from '../../../shared/pipeline/parked-actions.ts';
import { showRecord } from '../../../shared/pipeline/show-record.ts';
import { aFault } from './memory-side.ts';
import { createPipeline, customerChange, groupChange } from './pipeline-fixture.ts';

/** Three parked changes: two customers refused with different codes, and a group whose deletion waits. */
async function waiting() {
  const pipeline = await createPipeline();
  const { deps } = pipeline;
  await deps.state.park([
    parkedChange(deps, customerChange('c1'), 'failed', aFault('business', 'TW205')),
    parkedChange(deps, customerChange('c2'), 'failed', aFault('unauthorised', 'TW105')),
    parkedChange(deps, groupChange('g1'), 'approval', aFault('business', 'TW212')),
  ]);
  const identities = async () => (await pipeline.parked()).map(({ identity }) => identity).sort();
  return { pipeline, deps, identities };
}

const all = { filter: {}, code: null, limit: 100 };

describe('actions on parked changes', () => {
  it('mean one record, or all that pass a filter, its fault code among them', async () => {
    const { deps } = await waiting();
    const select = async (selection: Parameters<typeof selectParked>[1]) =>
      (await selectParked(deps, selection)).map(({ parked }) => parked.identity);
    expect(await select({ mapId: 'customers', identity: 'k|usmf|c2' })).toEqual(['k|usmf|c2']);
    expect(await select({ mapId: 'groups', identity: 'k|usmf|c2' })).toEqual([]);
    expect(await select({ filter: { mapId: 'groups' }, code: null, limit: 10 })).toEqual(['k|g1']);
    expect(await select({ filter: { reason: 'failed' }, code: 'TW205', limit: 10 })).toEqual(['k|usmf|c1']);
    expect(await select({ ...all, limit: 2 })).toHaveLength(2);
  });

  it('I11: retrying enqueues the hint, to be planned afresh, and says who asked', async () => {
    const { pipeline, deps, identities } = await waiting();
    expect(await retryParked(deps, { filter: {}, code: 'TW105', limit: 10 }, 'ada')).toBe(1);
    expect(await identities()).toEqual(['k|g1', 'k|usmf|c1']);
    expect(pipeline.queue.take()).toMatchObject([{ body: { change: { key: 'usmf|c2', full: true, releases: 1 } } }]);
    expect(pipeline.telemetry).toContainEqual({ event: 'parked.retried', count: 1, actor: 'ada' });
    expect(await deps.state.listActs({ mapId: 'customers', key: 'usmf|c2' })).toMatchObject([
      { verb: 'retried', actor: 'ada', why: null, reason: 'failed', fault: { code: 'TW105' }, atMs: pipeline.now() },
    ]);
    expect(await deps.state.listActs({ mapId: 'customers', key: 'usmf|c1' })).toEqual([]);
  });

  it('R21: approving lets go of deletions only', async () => {
    const { pipeline, deps, identities } = await waiting();
    expect(await approveDeletions(deps, all, 'ada')).toBe(1);
    expect(await identities()).toEqual(['k|usmf|c1', 'k|usmf|c2']);
    expect(pipeline.queue.take()).toMatchObject([{ body: { change: { key: 'g1', approved: true } } }]);
    expect(await deps.state.listActs({ mapId: 'groups', key: 'g1' })).toMatchObject([{ verb: 'approved' }]);
    expect(await deps.state.listActs({ mapId: 'customers', key: 'usmf|c1' })).toEqual([]);
  });

  it('dismissing takes out without planning, and says who and why', async () => {
    const { pipeline, deps, identities } = await waiting();
    const selection = { mapId: 'customers', identity: 'k|usmf|c1' };
    expect(await dismissParked(deps, selection, 'ada', 'a test record')).toBe(1);
    expect(await dismissParked(deps, selection, 'ada', 'a test record')).toBe(0);
    expect(pipeline.queue.length).toBe(0);
    expect(await identities()).toEqual(['k|g1', 'k|usmf|c2']);
    expect(pipeline.telemetry).toContainEqual(
      expect.objectContaining({ event: 'change.dismissed', actor: 'ada', why: 'a test record' }),
    );
    const { acts } = await showRecord(deps, { mapId: 'customers', key: 'usmf|c1' });
    expect(acts).toMatchObject([{ verb: 'dismissed', actor: 'ada', why: 'a test record', fault: { code: 'TW205' } }]);
  });

  it('shows all there is of a record', async () => {
    const { deps } = await waiting();
    expect(await showRecord(deps, { mapId: 'customers', key: 'usmf|c1' })).toMatchObject({
      link: null,
      audit: [],
      conflicts: [],
      acts: [],
      parked: [{ reason: 'failed' }],
    });
  });
});
