import type { Route } from '../core/change/route-event.ts';
import type { Fault, Result } from '../core/fault/fault.ts';
import { failure, success } from '../core/fault/fault.ts';
import { compileMap } from '../core/map/compile-map.ts';
import { severityOf } from '../core/map/map-codes.ts';
import type { TableMap } from '../core/map/table-map.ts';
import { validateMap } from '../core/map/validate-map.ts';
import type { PerSide } from '../core/record/side.ts';
import type { Clock } from '../ports/clock.ts';
import type { CompiledMaps, MapStore } from '../ports/map-store.ts';
import type { TableShapes } from '../ports/table-shapes.ts';

/** How long the list of installed maps is taken at its word; the status is read each time. */
const LIST_LIFE_MS = 5_000;

export interface MapCompilerOptions {
  mapStore: MapStore;
  shapes: PerSide<TableShapes>;
  clock: Clock;
}

/** Compiles a map against the metadata of both sides. Faults: `configuration` with every finding in its message. */
export async function compileInstalled(shapes: PerSide<TableShapes>, map: TableMap): Promise<Result<Route>> {
  const columns = map.fields.flatMap((field) => field.dataverse ?? []);
  const finops = await shapes.finops.shape(map.finops.entity, []);
  if (!finops.ok) return finops;
  const dataverse = await shapes.dataverse.shape(map.dataverse.table, columns);
  if (!dataverse.ok) return dataverse;
  const both = { finops: finops.value, dataverse: dataverse.value };
  const findings = validateMap(map, both).filter((finding) => severityOf(finding) === 'error');
  if (findings.length > 0)
    return failure(
      invalidMap(
        map,
        findings.map(({ code, where, message }) => `${code} ${where}: ${message}`),
      ),
    );
  const eventName = await shapes.finops.eventName(map.finops.entity);
  const compiled = compileMap(map, both);
  return success({ map: compiled, finopsPhysicalName: eventName.ok ? eventName.value : null });
}

function invalidMap(map: TableMap, findings: readonly string[]): Fault {
  const message = `The map ${map.id} ${map.version} is not valid: ${findings.join('; ')}`;
  return { code: 'TW304', class: 'configuration', message };
}

/** A side does not tell its metadata, so that nobody can say which maps an event concerns. */
export class MapsUnreadError extends Error {}

/**
 * Installed maps compiled once per version; those that are not valid are left out. While a side cannot be asked, both
 * functions throw MapsUnreadError: taking events for unbound then would lose them.
 */
export function createCompiledMaps(options: MapCompilerOptions): CompiledMaps {
  const compiled = new Map<string, Route>();
  let listed: { atMs: number; routes: readonly Route[] } | null = null;
  const load = async (): Promise<readonly Route[]> => {
    const installed = await options.mapStore.list();
    const routes: Route[] = [];
    for (const { map } of installed) {
      const name = `${map.id}@${map.version}`;
      const known = compiled.get(name);
      const result = known === undefined ? await compileInstalled(options.shapes, map) : success(known);
      if (!result.ok && result.fault.class !== 'configuration') {
        throw new MapsUnreadError(`The map ${map.id} cannot be compiled at the moment: ${result.fault.message}`);
      }
      if (!result.ok) continue;
      compiled.set(name, result.value);
      routes.push(result.value);
    }
    // A list with a map missing is not kept: what it wants may be mended meanwhile.
    listed = routes.length === installed.length ? { atMs: options.clock.nowMs(), routes } : null;
    return routes;
  };
  let loading: Promise<readonly Route[]> | null = null;
  const routes = (): Promise<readonly Route[]> => {
    if (listed !== null && options.clock.nowMs() - listed.atMs < LIST_LIFE_MS) return Promise.resolve(listed.routes);
    loading ??= load().finally(() => {
      loading = null;
    });
    return loading;
  };
  return {
    routes,
    find: async (mapId) => (await routes()).find((route) => route.map.id === mapId) ?? null,
  };
}
