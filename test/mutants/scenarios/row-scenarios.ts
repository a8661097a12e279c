import assert from 'node:assert/strict';
import type { CompiledMap } from '../../../shared/core/map/compiled-map.ts';
import type { RecordCommit } from '../../../shared/ports/state-store.ts';
import { aFault } from '../../shared/pipeline/memory-side.ts';
import {
  createPipeline,
  customerChange,
  finopsCustomer,
  groupChange,
  linkedCustomers,
} from '../../shared/pipeline/pipeline-fixture.ts';
import { linkedCustomer, shown } from './claim-scenarios.ts';
import { changeMap } from './value-scenarios.ts';

const LINKED = 12;

/** Linked customers, all of which are deleted in F&O under a map that was changed, and how many are left in Dataverse. */
async function leftAfterDeletions(change: (map: CompiledMap) => Partial<CompiledMap>) {
  const accounts = Array.from({ length: LINKED }, (_, index) => `c${index}`);
  const { pipeline, ids } = await linkedCustomers(accounts);
  await changeMap(pipeline, change);
  const changes = accounts.map((account) => {
    const rowId = ids[account]?.finops ?? '';
    pipeline.sides.finops.remove(rowId);
    return customerChange(account, { deletedIds: { finops: [rowId] } });
  });
  await pipeline.run(changes);
  return { left: pipeline.sides.dataverse.rows.size, parked: await pipeline.parked() };
}

/** A linked group whose key was then changed in Dataverse. */
async function renamedGroup() {
  const pipeline = await createPipeline();
  const { finops, dataverse } = pipeline.sides;
  const rowId = finops.put('Groups', { GroupId: 'g1', Title: 'First' });
  await pipeline.run([groupChange('g1')]);
  const id = dataverse.find('group', 'groupid', 'g1')?.id ?? '';
  dataverse.edit(id, { groupid: 'g9' });
  const hint = groupChange('', { key: null, hinted: ['dataverse'], rowIds: { dataverse: [id] } });
  return { pipeline, finops, dataverse, rowId, id, hint };
}

/** The host dies at that save, and the claim passes. */
async function movedByHalf(nth: number) {
  const scene = await renamedGroup();
  const { pipeline, hint } = scene;
  const { state, settings } = pipeline.deps;
  let saves = 0;
  const commit = async (commits: readonly RecordCommit[]) => {
    saves += 1;
    if (saves === nth) throw new Error('the host died');
    return state.commit(commits);
  };
  pipeline.deps.state = { ...state, commit };
  await pipeline.run([hint]).catch(() => undefined);
  pipeline.deps.state = state;
  pipeline.pass(settings.claimMs + 60_000);
  return scene;
}

export const ROW_SCENARIOS = {
  'a side that shows nothing deletes nothing': async () => {
    const { pipeline, finops, dataverse } = await linkedCustomer();
    finops.script.blind = true;
    await pipeline.run([customerChange('c1')]);
    assert.equal(dataverse.rows.size, 1);
    assert.deepEqual(
      (await pipeline.parked()).map(({ reason }) => reason),
      ['absence-unproven'],
    );
  },

  'a proven deletion is carried over when it can be': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.remove(rows.finops);
    dataverse.script.onWrite = () => aFault('business', 'TW205');
    await pipeline.run([customerChange('c1', { deletedIds: { finops: [rows.finops] } })]);
    dataverse.script.onWrite = () => null;
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    assert.equal(dataverse.rows.size, 0);
  },

  'a new row that a person deleted at once is not created again': async () => {
    const pipeline = await createPipeline();
    const { finops, dataverse } = pipeline.sides;
    finops.put('Customers', finopsCustomer('c1'));
    const lost = new Error('the orchestration is lost');
    const before = ({ kind }: { kind: string }): void => {
      if (kind === 'record') throw lost;
    };
    await assert.rejects(pipeline.run([customerChange('c1')], { before }), lost);
    const [id = ''] = dataverse.rows.keys();
    dataverse.remove(id);
    pipeline.pass(pipeline.deps.settings.claimMs + 60_000);
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'], deletedIds: { dataverse: [id] } })]);
    assert.equal(dataverse.rows.size, 0);
    assert.equal(finops.rows.size, 0);
  },

  'a row that is not readable yet is tried again': async () => {
    const pipeline = await createPipeline();
    const { finops, dataverse } = pipeline.sides;
    await pipeline.run([customerChange('', { key: null, hinted: ['dataverse'], rowIds: { dataverse: ['late'] } })]);
    dataverse.put('customer', { number: 'c1', 'company.code': 'usmf', kindcode: '3', name: 'N' }, 'late');
    await pipeline.wait(60_000);
    assert.equal(finops.rows.size, 1);
  },

  'a row that is older than the link is read again': async () => {
    const pipeline = await createPipeline();
    const { finops, dataverse } = pipeline.sides;
    const id = dataverse.put('customer', { number: 'c1', 'company.code': 'usmf', kindcode: '3', name: 'older' });
    const { readByIds } = dataverse;
    dataverse.readByIds = async (map, ids) => {
      const answer = await readByIds(map, ids);
      dataverse.readByIds = readByIds;
      dataverse.edit(id, { name: 'newer' });
      await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
      return answer;
    };
    await pipeline.run([customerChange('', { key: null, hinted: ['dataverse'], rowIds: { dataverse: [id] } })]);
    assert.equal(finops.find('Customers', 'Account', 'c1')?.values['Name'], 'newer');
  },

  'what was claimed is found by the ids of its rows': async () => {
    const pipeline = await createPipeline();
    const { finops, dataverse } = pipeline.sides;
    const id = finops.put('Customers', finopsCustomer('c1'));
    const { state } = pipeline.deps;
    const died = new Error('the host died');
    const commit = async (commits: readonly RecordCommit[]) => {
      await state.commit(commits);
      throw died;
    };
    pipeline.deps.state = { ...state, commit };
    await assert.rejects(pipeline.run([customerChange('c1')]), died);
    pipeline.deps.state = state;
    pipeline.pass(pipeline.deps.settings.claimMs + 60_000);
    await pipeline.run([customerChange('c1')]);
    assert.equal(dataverse.rows.size, 1);
    finops.remove(id);
    const rowIds = { finops: [id] };
    await pipeline.run([customerChange('', { key: null, rowIds, deletedIds: rowIds })]);
    assert.equal(dataverse.rows.size, 0);
  },

  'a row that is only said to be new is not taken for new': async () => {
    const { pipeline, finops, rows } = await linkedCustomer();
    pipeline.deps.state = { ...pipeline.deps.state, cachedLinks: () => new Map() };
    finops.edit(rows.finops, { Name: 'New' });
    await pipeline.run([customerChange('c1', { created: true })]);
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['New', 'New']);
  },

  'deletions in bulk wait for a person': async () => {
    const guarded = await leftAfterDeletions(() => ({ deleteGuard: { count: 5, percent: null, windowMinutes: 60 } }));
    assert.equal(guarded.left, LINKED - 5);
    assert.equal(guarded.parked.length, LINKED - 5);
  },

  'a deletion that needs approval waits': async () => {
    const asked = await leftAfterDeletions(({ deletes }) => ({ deletes: { ...deletes, finops: 'require-approval' } }));
    assert.equal(asked.left, LINKED);
    assert.equal(asked.parked.length, LINKED);
  },

  'a half of a move is completed': async () => {
    for (const nth of [1, 2, 3, 4, 5, 6]) {
      const { pipeline, id, rowId, hint } = await movedByHalf(nth);
      await pipeline.run([groupChange('g9')]);
      await pipeline.run([hint]);
      const [former, now] = [await pipeline.link('g1', 'groups'), await pipeline.link('g9', 'groups')];
      assert.deepEqual([former?.state, former?.movedTo, now?.state], ['tombstone', 'g9', 'linked']);
      assert.deepEqual([now?.sides.finops.rowId, now?.sides.dataverse.rowId], [rowId, id]);
      assert.deepEqual(await pipeline.parked(), []);
    }
  },

  'two records never become one': async () => {
    const { pipeline, finops, dataverse, rowId, id } = await renamedGroup();
    dataverse.edit(id, { groupid: 'g1' });
    const other = finops.put('Groups', { GroupId: 'g2', Title: 'Second' });
    await pipeline.run([groupChange('g2')]);
    finops.remove(other);
    dataverse.remove(dataverse.find('group', 'groupid', 'g2')?.id ?? '');
    finops.edit(rowId, { GroupId: 'g2' });
    await pipeline.run([groupChange('g1')]);
    assert.deepEqual(
      (await pipeline.parked()).map(({ reason }) => reason),
      ['key-changed'],
    );
    assert.equal((await pipeline.link('g1', 'groups'))?.state, 'linked');
  },

  'a hint about a former key reaches its record': async () => {
    const { pipeline, finops, dataverse, rowId, hint } = await renamedGroup();
    await pipeline.run([hint]);
    finops.edit(rowId, { Title: 'Edited' });
    await pipeline.run([groupChange('g1')]);
    assert.equal(dataverse.find('group', 'groupid', 'g9')?.values['title'], 'Edited');
  },

  'a row under a new key is the record that it was': async () => {
    const pipeline = await createPipeline();
    const { finops, dataverse } = pipeline.sides;
    const rowId = finops.put('Groups', { GroupId: 'g1', Title: 'First' });
    await pipeline.run([groupChange('g1')]);
    finops.edit(rowId, { GroupId: 'g9' });
    await pipeline.run([groupChange('g9', { rowIds: { finops: [rowId] } })]);
    assert.deepEqual([dataverse.rows.size, dataverse.find('group', 'groupid', 'g9')?.values['title']], [1, 'First']);
  },

  'news of a recreated row is read': async () => {
    const { pipeline, finops, rows } = await linkedCustomer();
    finops.remove(rows.finops);
    const id = finops.put('Customers', finopsCustomer('c1', { Phone: 'new' }));
    await pipeline.run([customerChange('c1', { news: { name: 'Name of c1' }, rowIds: { finops: [id] } })]);
    assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['new', 'new']);
  },
};
