import { failure, type Result, success } from '../core/fault/fault.ts';
import type { TableMap } from '../core/map/table-map.ts';
import type { MapStatus } from '../ports/map-store.ts';
import { type PauseOutcome, pauseMap, resumeMap } from './control-map.ts';
import type { Dependencies } from './dependencies.ts';

/** `pausing`: writes of the version before are still under way; ask again until it is another status. */
export type ActivationOutcome = { status: MapStatus } | Extract<PauseOutcome, { status: 'pausing' }>;

/**
 * Makes a version of a map the active one, between two batches: a running map is paused until nothing that was planned
 * by the version before is under way, then runs with the new one; capture goes on meanwhile, and what comes is parked.
 * A map that does not run gets its new version and stays as it is; one that is new runs at once. The caller has
 * validated it. Fault: TW306 the version is installed already, with other contents.
 */
export async function activateMap(
  deps: Dependencies,
  map: TableMap,
  actor: string,
): Promise<Result<ActivationOutcome>> {
  const { status, version } = await deps.mapStore.standing(map.id);
  if (version === map.version) return sameVersion(deps, map, status);
  const paused: PauseOutcome | null =
    version !== null && (status === 'running' || status === 'pausing') ? await pauseMap(deps, map.id, actor) : null;
  if (paused?.status === 'pausing') return success(paused);
  const held = paused?.status ?? status;
  await deps.mapStore.install(map, version === null ? 'running' : held);
  deps.telemetry.emit({ event: 'map.activated', mapId: map.id, version: map.version, replaced: version, actor });
  if (paused?.status === 'paused') await resumeMap(deps, map.id, actor);
  return success({ status: version === null || paused?.status === 'paused' ? 'running' : held });
}

/** A version is what it was: records are mapped, and audited, by its number. */
async function sameVersion(deps: Dependencies, map: TableMap, status: MapStatus): Promise<Result<ActivationOutcome>> {
  const installed = (await deps.mapStore.list()).find(({ map: { id } }) => id === map.id);
  if (JSON.stringify(installed?.map) === JSON.stringify(map)) return success({ status });
  const message = `Version ${map.version} of the map ${map.id} is installed with other contents.`;
  return failure({ code: 'TW306', class: 'configuration', message });
}
