import assert from 'node:assert/strict';
import { customerChange } from '../../shared/pipeline/pipeline-fixture.ts';
import { firstAgain } from '../../simulation/simulated-maps.ts';
import { linkedCustomer } from './claim-scenarios.ts';

export const VERSION_SCENARIOS = {
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
