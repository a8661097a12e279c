import assert from 'node:assert/strict';
import type { Change } from '../../../shared/core/change/change.ts';
import type { CompiledMap } from '../../../shared/core/map/compiled-map.ts';
import type { Values } from '../../../shared/core/record/canonical-value.ts';
import { decideConflict } from '../../../shared/pipeline/decide-conflict.ts';
import { aFault } from '../../shared/pipeline/memory-side.ts';
import {
  createPipeline,
  customerChange,
  finopsCustomer,
  groupChange,
  type Pipeline,
} from '../../shared/pipeline/pipeline-fixture.ts';
import { linkedCustomer, shown } from './claim-scenarios.ts';

/** The map of customers, changed. */
export async function changeMap(pipeline: Pipeline, change: (map: CompiledMap) => Partial<CompiledMap>): Promise<void> {
  const route = await pipeline.deps.maps.find('customers');
  assert.ok(route !== null);
  const changed = { ...route, map: { ...route.map, ...change(route.map) } };
  pipeline.deps.maps = { ...pipeline.deps.maps, find: async () => changed };
}

/** A name is changed and read; before that is claimed, it is given its old value again, and this hint tells so. */
async function restoredMeanwhile(hint: (rowId: string) => Change): Promise<void> {
  const { pipeline, finops, dataverse, rows } = await linkedCustomer();
  finops.edit(rows.finops, { Name: 'New' });
  const { read } = finops;
  finops.read = async (map, wanted) => {
    const answer = await read(map, wanted);
    finops.read = read;
    finops.edit(rows.finops, { Name: 'Name of c1' });
    await pipeline.run([hint(rows.finops)]);
    return answer;
  };
  await pipeline.run([customerChange('c1')]);
  assert.deepEqual(dataverse.written, []);
  assert.deepEqual(shown(pipeline, 'Name', 'name'), ['Name of c1', 'Name of c1']);
}

const appending = (column: string, mark: string) => (values: Values) => {
  const value = values[column];
  return value == null ? values : { ...values, [column]: `${value}${mark}` };
};

/** A customer whose phone was changed on both sides, under a map that asks a person. */
async function openPhone() {
  const scene = await linkedCustomer();
  const { pipeline, finops, dataverse, rows } = scene;
  const manual = (field: CompiledMap['fields'][number]): CompiledMap['fields'][number] =>
    field.id === 'phone' ? { ...field, policy: 'manual' } : field;
  await changeMap(pipeline, ({ fields }) => ({ fields: fields.map(manual) }));
  finops.edit(rows.finops, { Phone: 'f' });
  dataverse.edit(rows.dataverse, { phone: 'd' });
  await pipeline.run([customerChange('c1', { hinted: ['finops', 'dataverse'] })]);
  return scene;
}

export const VALUE_SCENARIOS = {
  "a server's answer goes back once": async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    dataverse.script.plugIn = appending('phone', '!');
    finops.script.plugIn = appending('Phone', '?');
    finops.edit(rows.finops, { Phone: 'p' });
    await pipeline.run([customerChange('c1')]);
    assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['p!?', 'p!']);
    await pipeline.run([customerChange('c1', { hinted: ['finops', 'dataverse'], full: true })]);
    assert.deepEqual([finops.written.length, dataverse.written.length], [1, 1]);
  },

  'what a server changes besides is carried on': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    dataverse.script.plugIn = (values) => ({ ...values, memo: 'by a plug-in' });
    finops.edit(rows.finops, { Name: 'New' });
    await pipeline.run([customerChange('c1')]);
    assert.deepEqual(shown(pipeline, 'Memo', 'memo'), ['by a plug-in', 'by a plug-in']);
  },

  'a row whose write answered no values is read': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    const { write } = dataverse;
    dataverse.script.plugIn = appending('phone', '!');
    dataverse.write = async (map, writes) =>
      (await write(map, writes)).map((answer) => (answer.kind === 'done' ? { ...answer, values: null } : answer));
    finops.edit(rows.finops, { Phone: 'p' });
    await pipeline.run([customerChange('c1')]);
    finops.edit(rows.finops, { Name: 'New' });
    await pipeline.run([customerChange('c1')]);
    assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['p!', 'p!']);
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['New', 'New']);
  },

  'a refused answer is agreed as it stands': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    dataverse.script.plugIn = appending('phone', '!');
    finops.script.onWrite = () => aFault('business', 'TW205');
    finops.edit(rows.finops, { Phone: 'p' });
    await pipeline.run([customerChange('c1')]);
    assert.deepEqual(await pipeline.parked(), []);
    assert.deepEqual((await pipeline.link('usmf|c1'))?.base?.['phone'], ['p', 'p!']);
  },

  'a row that returns into the filter is taken up': async () => {
    const { pipeline, finops, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Kind: 'person', Name: 'While outside' });
    await pipeline.run([customerChange('c1')]);
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['While outside', 'Name of c1']);
    finops.edit(rows.finops, { Kind: 'organization' });
    const news = { kind: 'organization' };
    await pipeline.run([customerChange('c1', { news, rowIds: { finops: [rows.finops] } })]);
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['While outside', 'While outside']);
  },

  'a row outside the filter is not created': async () => {
    const pipeline = await createPipeline();
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { Kind: 'person' }));
    await pipeline.run([customerChange('c1')]);
    assert.equal(pipeline.sides.dataverse.rows.size, 0);
  },

  'a plan made before a value was restored loses its claim': () => restoredMeanwhile(() => customerChange('c1')),

  'a plan made before old news loses its claim': () =>
    restoredMeanwhile((rowId) => customerChange('c1', { news: { name: 'Name of c1' }, rowIds: { finops: [rowId] } })),

  'a plan that loses its link is made again': async () => {
    const { pipeline, finops, rows } = await linkedCustomer();
    const { deps, run } = pipeline;
    const { state } = deps;
    finops.edit(rows.finops, { Name: 'New' });
    const reached = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const late: Promise<unknown>[] = [];
    const { read } = finops;
    finops.read = async (map, wanted) => {
      const answer = await read(map, wanted);
      finops.read = read;
      finops.edit(rows.finops, { Name: 'Name of c1' });
      const commit: typeof state.commit = async (commits) => {
        deps.state = state;
        reached.resolve();
        await over.promise;
        return state.commit(commits);
      };
      deps.state = { ...state, commit };
      late.push(run([customerChange('c1')]));
      await reached.promise;
      return answer;
    };
    await run([customerChange('c1')]);
    over.resolve();
    await Promise.all(late);
    assert.deepEqual(shown(pipeline, 'Name', 'name'), ['Name of c1', 'Name of c1']);
  },

  'an open field is not written, and keeps its base': async () => {
    const { pipeline } = await openPhone();
    for (let round = 0; round < 2; round += 1) {
      await pipeline.run([customerChange('c1', { hinted: ['finops', 'dataverse'] })]);
      assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['f', 'd']);
      assert.deepEqual((await pipeline.link('usmf|c1'))?.base?.['phone'], [null, null]);
    }
    assert.deepEqual(
      (await pipeline.parked()).map(({ reason }) => reason),
      ['manual'],
    );
  },

  'a decision on values that moved on writes nothing': async () => {
    const { pipeline, dataverse, rows } = await openPhone();
    const record = { mapId: 'customers', key: 'usmf|c1' };
    const [open] = await pipeline.deps.state.listConflicts(record);
    const ref = { ...record, conflictId: open?.id ?? '' };
    const decided = await decideConflict(pipeline.deps, ref, ['f', 'd'], { take: 'finops' }, 'ada@contoso.com');
    assert.equal(decided.ok, true);
    dataverse.edit(rows.dataverse, { phone: 'later' });
    await pipeline.drain();
    assert.deepEqual(shown(pipeline, 'Phone', 'phone'), ['f', 'later']);
  },

  'values that go back and forth are stopped': async () => {
    const { pipeline, finops, rows } = await linkedCustomer();
    for (let round = 0; round < 13; round += 1) {
      finops.edit(rows.finops, { Name: round % 2 === 0 ? 'a' : 'b' });
      await pipeline.run([customerChange('c1')]);
    }
    assert.deepEqual(
      (await pipeline.parked()).map(({ reason }) => reason),
      ['alternating'],
    );
  },

  "at first contact the map's master wins": async () => {
    const { sides, run } = await createPipeline();
    sides.finops.put('Groups', { GroupId: 'g1', Title: 'of F&O' });
    sides.dataverse.put('group', { groupid: 'g1', title: 'of Dataverse' });
    await run([groupChange('g1', { hinted: ['finops', 'dataverse'] })]);
    assert.equal(sides.finops.find('Groups', 'GroupId', 'g1')?.values['Title'], 'of Dataverse');
  },
};
