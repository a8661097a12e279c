import { describe, expect, it } from 'vitest';
import { CLOCK_DIFFERENCE_MS } from '../../../shared/core/write/plan-record.ts';
import { PIPELINE_SETTINGS } from '../../../shared/pipeline/dependencies.ts';
import type { RecordCommit } from '../../../shared/ports/state-store.ts';
import { createPipeline, customerChange, groupChange, linkedCustomers, type Pipeline } from './pipeline-fixture.ts';

const CLAIM_OVER_MS = PIPELINE_SETTINGS.claimMs + CLOCK_DIFFERENCE_MS + 1;

/** Group g1, linked; whose key is then changed to g9 on one side. */
async function renamed(side: 'finops' | 'dataverse') {
  const pipeline = await createPipeline();
  const finops = pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'First' });
  await pipeline.run([groupChange('g1')]);
  const dataverse = pipeline.sides.dataverse.find('group', 'groupid', 'g1')?.id ?? '';
  if (side === 'finops') pipeline.sides.finops.edit(finops, { GroupId: 'g9', Title: 'Renamed' });
  else pipeline.sides.dataverse.edit(dataverse, { groupid: 'g9', title: 'Renamed' });
  return { pipeline, finops, dataverse };
}

const byRow = (id: string) => groupChange('', { key: null, hinted: ['dataverse'], rowIds: { dataverse: [id] } });
const link = (pipeline: Pipeline, key: string) => pipeline.link(key, 'groups');

async function expectMoved({ pipeline, finops, dataverse }: Awaited<ReturnType<typeof renamed>>): Promise<void> {
  expect(pipeline.sides.finops.find('Groups', 'GroupId', 'g9')).toMatchObject({
    id: finops,
    values: { Title: 'Renamed' },
  });
  expect(pipeline.sides.dataverse.find('group', 'groupid', 'g9')).toMatchObject({
    id: dataverse,
    values: { title: 'Renamed' },
  });
  for (const [side, table, column] of [
    ['finops', 'Groups', 'GroupId'],
    ['dataverse', 'group', 'groupid'],
  ] as const) {
    expect(pipeline.sides[side].find(table, column, 'g1')).toBeUndefined();
  }
  expect(await link(pipeline, 'g9')).toMatchObject({
    state: 'linked',
    claim: null,
    intent: null,
    sides: { finops: { rowId: finops }, dataverse: { rowId: dataverse } },
  });
  expect(await link(pipeline, 'g1')).toMatchObject({ state: 'tombstone', movedTo: 'g9', claim: null });
  expect(await pipeline.parked()).toEqual([]);
}

describe('a key that changes', () => {
  it('R22: in Dataverse it is carried over, and the link moves to it', async () => {
    const scene = await renamed('dataverse');
    await scene.pipeline.run([byRow(scene.dataverse)]);
    await expectMoved(scene);
    const audit = await scene.pipeline.deps.state.listAudit({ mapId: 'groups', key: 'g1' });
    expect(audit.at(-1)).toMatchObject({
      side: 'finops',
      operation: 'update',
      after: { GroupId: 'g9', Title: 'Renamed' },
    });
    scene.pipeline.sides.finops.written.length = 0;
    await scene.pipeline.run([byRow(scene.dataverse)]);
    expect(scene.pipeline.sides.finops.written).toEqual([]);
    expect(await link(scene.pipeline, 'g9')).toMatchObject({ movedFrom: null });
  });

  it('R22: in F&O it is heard of under the new key, and no second row is created', async () => {
    const scene = await renamed('finops');
    await scene.pipeline.run([groupChange('g9', { rowIds: { finops: [scene.finops] } })]);
    await expectMoved(scene);
  });

  it('R22: a row that takes the old key at once is a record of its own', async () => {
    const scene = await renamed('finops');
    const { sides } = scene.pipeline;
    const successor = sides.finops.put('Groups', { GroupId: 'g1', Title: 'Successor' });
    await scene.pipeline.run([groupChange('g1', { rowIds: { finops: [successor] } }), groupChange('g9')]);
    expect(sides.dataverse.find('group', 'groupid', 'g9')).toMatchObject({ id: scene.dataverse });
    expect(sides.dataverse.find('group', 'groupid', 'g1')).toMatchObject({ values: { title: 'Successor' } });
    expect(await link(scene.pipeline, 'g1')).toMatchObject({ state: 'linked', movedTo: null });
  });

  it('R22: a deletion that names the row finds it under its new key', async () => {
    const scene = await renamed('dataverse');
    await scene.pipeline.run([byRow(scene.dataverse)]);
    scene.pipeline.sides.dataverse.remove(scene.dataverse);
    await scene.pipeline.run([{ ...byRow(scene.dataverse), deletedIds: { dataverse: [scene.dataverse] } }]);
    expect(scene.pipeline.sides.finops.find('Groups', 'GroupId', 'g9')).toBeUndefined();
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'R22 I9: a host that dies at save %i of the move leaves a half that is completed',
    async (nth) => {
      const scene = await renamed('dataverse');
      const { state } = scene.pipeline.deps;
      let saves = 0;
      const commit = async (commits: readonly RecordCommit[]) => {
        saves += 1;
        if (saves === nth) throw new Error('the host died');
        return state.commit(commits);
      };
      scene.pipeline.deps.state = { ...state, commit };
      await scene.pipeline.run([byRow(scene.dataverse)]).catch(() => undefined);
      scene.pipeline.deps.state = state;
      scene.pipeline.pass(CLAIM_OVER_MS);
      await scene.pipeline.run([groupChange('g9')]);
      await scene.pipeline.run([byRow(scene.dataverse)]);
      await expectMoved(scene);
    },
  );

  it('R22: where the other side cannot take it, the record waits and nothing is written', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const row = ids['c1']?.dataverse ?? '';
    pipeline.sides.dataverse.edit(row, { number: 'c7', name: 'New' });
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'], rowIds: { dataverse: [row] } })]);
    expect(pipeline.sides.finops.written).toEqual([]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'key-changed', fault: { code: 'TW210' }, dueAtMs: null }]);
    pipeline.sides.dataverse.edit(row, { number: 'c1' });
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')).toMatchObject({ values: { Name: 'New' } });
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R22: two records never become one', async () => {
    const scene = await renamed('finops');
    const { pipeline } = scene;
    pipeline.sides.finops.edit(scene.finops, { GroupId: 'g1', Title: 'First' });
    pipeline.sides.finops.put('Groups', { GroupId: 'g2', Title: 'Second' });
    await pipeline.run([groupChange('g2')]);
    const second = pipeline.sides.dataverse.find('group', 'groupid', 'g2')?.id ?? '';
    pipeline.sides.finops.remove(pipeline.sides.finops.find('Groups', 'GroupId', 'g2')?.id ?? '');
    pipeline.sides.dataverse.remove(second);
    pipeline.sides.finops.edit(scene.finops, { GroupId: 'g2' });
    await pipeline.run([groupChange('g1')]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'key-changed', fault: { code: 'TW210' } }]);
    expect(await link(pipeline, 'g1')).toMatchObject({ state: 'linked', claim: null, movedTo: null });
  });

  it('R19: of a row that F&O numbered for us is found by that number', async () => {
    const pipeline = await createPipeline();
    pipeline.sides.dataverse.put('group', { groupid: 'g1', title: 'First' });
    await pipeline.run([groupChange('g1', { hinted: ['dataverse'] })]);
    const created = pipeline.sides.finops.find('Groups', 'GroupId', 'g1')?.id ?? '';
    const found = await pipeline.deps.state.findIds('groups', 'finops', 'Groups', [created]);
    expect(found.get(created)).toEqual(['g1']);
    pipeline.sides.finops.edit(created, { GroupId: 'g9' });
    await pipeline.run([groupChange('g9')]);
    expect(pipeline.sides.dataverse.find('group', 'groupid', 'g9')).toBeDefined();
    expect(pipeline.sides.dataverse.rows.size).toBe(1);
  });

  it('R22: before its creation has been recorded waits for that', async () => {
    const pipeline = await createPipeline();
    const finops = pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'First' });
    await pipeline.run([groupChange('g1')], {
      before: async ({ kind }) => {
        if (kind !== 'record') return;
        pipeline.sides.finops.edit(finops, { GroupId: 'g9' });
        await pipeline.deps.queue.send([{ id: 'renamed', body: { type: 'change', change: groupChange('g9') } }]);
      },
    });
    await pipeline.drain();
    expect(pipeline.sides.dataverse.rows.size).toBe(1);
    expect(pipeline.sides.dataverse.find('group', 'groupid', 'g9')).toBeDefined();
  });

  it('R22: of a row that we created and never recorded is ours by the id that was chosen for it', async () => {
    const pipeline = await createPipeline();
    pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'First' });
    let writes = 0;
    await pipeline.run([groupChange('g1')], {
      before: async ({ kind }) => {
        writes += kind === 'write' ? 1 : 0;
        if (kind === 'record' && writes === 1) await pipeline.deps.mapStore.setStatus('groups', 'paused');
      },
      dies: ({ kind }) => kind === 'write' && renameCreated(pipeline),
    });
    await pipeline.deps.mapStore.setStatus('groups', 'running');
    await pipeline.wait(CLAIM_OVER_MS + 3_600_000);
    expect(pipeline.sides.dataverse.rows.size).toBe(1);
    expect(pipeline.sides.finops.find('Groups', 'GroupId', 'g9')).toBeDefined();
  });

  it('R19: a hint that the index gave to another record goes on to the one whose key the row bears', async () => {
    const { pipeline } = await renamed('finops');
    await pipeline.run([groupChange('g9')]);
    const stray = pipeline.sides.dataverse.put('group', { groupid: 'g5', title: 'Stray' });
    await pipeline.deps.state.rememberIds('groups', 'dataverse', 'group', [{ id: stray, key: 'g9' }]);
    await pipeline.run([byRow(stray)]);
    expect(pipeline.sides.finops.find('Groups', 'GroupId', 'g5')).toMatchObject({ values: { Title: 'Stray' } });
  });

  it('R19: a deletion that is told under the new key is carried over to the record that has the old one', async () => {
    const { pipeline, finops } = await renamed('finops');
    pipeline.sides.finops.remove(finops);
    await pipeline.run([groupChange('g9', { rowIds: { finops: [finops] }, deletedIds: { finops: [finops] } })]);
    expect(pipeline.sides.dataverse.rows.size).toBe(0);
  });
});

/** A person gives the new row another key before the host that created it has said so. */
function renameCreated({ sides }: Pipeline): boolean {
  const row = sides.dataverse.find('group', 'groupid', 'g1');
  if (row !== undefined) sides.dataverse.edit(row.id, { groupid: 'g9' });
  return row !== undefined;
}
