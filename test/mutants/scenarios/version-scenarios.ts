import assert from 'node:assert/strict';
import { customerChange, type Pipeline } from '../../shared/pipeline/pipeline-fixture.ts';
import { firstAgain, type Variant } from '../../simulation/simulated-maps.ts';
import { linkedCustomer } from './claim-scenarios.ts';

/** What every version of the customers' map has in common with the first, but for one field. */
function without(finops: string, version: number): Variant {
  const { map, compiled } = firstAgain('customers', version);
  const fields = compiled.fields.filter((field) => field.finops !== finops);
  const sides = {
    finops: { ...compiled.sides.finops, columns: compiled.sides.finops.columns.filter((name) => name !== finops) },
    dataverse: compiled.sides.dataverse,
  };
  return { map, compiled: { ...compiled, fields, sides } };
}

async function activate({ deps }: Pipeline, { map, compiled }: Variant): Promise<void> {
  const route = { map: compiled, finopsPhysicalName: null };
  await deps.mapStore.install(map, 'running');
  deps.maps = { routes: async () => [route], find: async () => route };
}

export const VERSION_SCENARIOS = {
  'a column that another version did not read is compared': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    finops.edit(rows.finops, { Phone: '555' });
    dataverse.edit(rows.dataverse, { phone: '777' });
    await activate(pipeline, without('Phone', 1));
    await pipeline.run([customerChange('c1', { full: true })]);
    await activate(pipeline, firstAgain('customers', 2));
    await pipeline.run([customerChange('c1')]);
    const conflicts = await pipeline.deps.state.listConflicts({ mapId: 'customers', key: 'usmf|c1' });
    assert.ok(
      conflicts.some(({ field }) => field === 'phone'),
      'a value was overwritten unrecorded',
    );
  },
  'a version that was replaced writes nothing more': async () => {
    const { pipeline, finops, dataverse, rows } = await linkedCustomer();
    const { map, compiled } = firstAgain('customers', 1);
    finops.edit(rows.finops, { Name: 'New' });
    const before = dataverse.written.length;
    let writes = 0;
    await pipeline.run([customerChange('c1')], {
      before: async ({ kind }) => {
        if (kind !== 'write') return;
        writes += 1;
        if (writes === 1) await pipeline.deps.mapStore.install(map, 'running');
        const route = { map: compiled, finopsPhysicalName: null };
        if (writes === 2) pipeline.deps.maps = { routes: async () => [route], find: async () => route };
      },
    });
    assert.equal(dataverse.written.length, before + 1);
    const audit = await pipeline.deps.state.listAudit({ mapId: 'customers', key: 'usmf|c1' });
    const versions = audit.flatMap(({ mapVersion, after }) => (after['name'] === 'New' ? mapVersion : []));
    assert.deepEqual(versions, [map.version]);
  },
};
