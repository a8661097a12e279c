import assert from 'node:assert/strict';
import { aFault } from '../../shared/pipeline/memory-side.ts';
import { numberedPersons, personChange } from '../../shared/pipeline/numbered-persons.ts';

/** R27: what F&O numbers. */
export const NUMBERING_SCENARIOS = {
  'a row that was numbered follows its deleted partner': async () => {
    const { pipeline, finops, dataverse, id } = await numberedPersons();
    // F&O answers nothing, so the number is first seen when the partner is gone.
    const { write } = finops;
    finops.write = async (map, writes) => {
      const results = await write(map, writes);
      return results.map((result) => (result.kind === 'done' ? { ...result, version: null, values: null } : result));
    };
    await pipeline.run([personChange(id)], {
      before: ({ kind }) => void (kind === 'record' && dataverse.rows.delete(id)),
    });
    await pipeline.run([{ ...personChange(id), deletedIds: { dataverse: [id] } }]);
    assert.deepEqual([finops.rows.size, dataverse.rows.size], [0, 0]);
  },

  'a refused number comes again': async () => {
    const { pipeline, finops, dataverse, id } = await numberedPersons();
    let refusals = 1;
    dataverse.script.onWrite = () => {
      refusals -= 1;
      return refusals >= 0 ? aFault('business', 'TW205') : null;
    };
    await pipeline.run([personChange(id)]);
    assert.equal(dataverse.rows.get(id)?.values['number'], null);
    assert.equal((await pipeline.parked()).length, 1);
    await pipeline.run([{ ...personChange(id), full: true }]);
    assert.equal(dataverse.rows.get(id)?.values['number'], 'n1');
    assert.equal(finops.rows.size, 1);
  },
};
