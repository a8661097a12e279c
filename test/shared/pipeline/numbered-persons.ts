import type { Change } from '../../../shared/core/change/change.ts';
import { aChange } from '../../contracts/state-rows.ts';
import { MAPS } from '../../simulation/simulated-maps.ts';
import type { MemorySide } from './memory-side.ts';
import { createPipeline, type Pipeline } from './pipeline-fixture.ts';

/** A pipeline that runs the map whose F&O rows are numbered, and a Dataverse row without a number. */
export async function numberedPersons(): Promise<{
  pipeline: Pipeline;
  finops: MemorySide;
  dataverse: MemorySide;
  /** Of the Dataverse row. */
  id: string;
}> {
  const pipeline = await createPipeline();
  const { finops, dataverse } = pipeline.sides;
  const routes = MAPS.map((map) => ({ map, finopsPhysicalName: null }));
  pipeline.deps.maps = {
    routes: async () => routes,
    find: async (mapId) => routes.find(({ map }) => map.id === mapId) ?? null,
  };
  let numbers = 0;
  finops.script.plugIn = (values) => {
    if (values['Kind'] === undefined || values['Account'] !== undefined) return values;
    numbers += 1;
    return { ...values, Account: `n${numbers}` };
  };
  const id = dataverse.put('contact', { number: null, 'company.code': 'usmf', sellablecode: '1', name: 'Ada' });
  return { pipeline, finops, dataverse, id };
}

/** A hint about a Dataverse row, of which nothing but its id is known. */
export function personChange(id: string): Change {
  return aChange('persons', null, { hinted: ['dataverse'], rowIds: { dataverse: [id] } });
}
