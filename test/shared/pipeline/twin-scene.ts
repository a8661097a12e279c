import { compileMap } from '../../../shared/core/map/compile-map.ts';
import { SHAPES, SIMULATED_MAPS } from '../../simulation/simulated-maps.ts';
import type { MemorySide } from './memory-side.ts';
import { createPipeline, type Pipeline } from './pipeline-fixture.ts';

/** A pipeline whose customers are matched by their phones; Dataverse is the master of what differs at first. */
export async function twinScene(): Promise<{ pipeline: Pipeline; finops: MemorySide; dataverse: MemorySide }> {
  const pipeline = await createPipeline();
  const customers = SIMULATED_MAPS.find(({ id }) => id === 'customers');
  const shapes = SHAPES['customers'];
  if (customers === undefined || shapes === undefined) throw new Error('there is no map of customers');
  const map = compileMap({ ...customers, master: 'dataverse', matchBy: ['Phone'] }, shapes);
  const route = { map, finopsPhysicalName: null };
  pipeline.deps.maps = { routes: async () => [route], find: async () => route };
  const { finops, dataverse } = pipeline.sides;
  return { pipeline, finops, dataverse };
}
