import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { type Services, services } from '../../shared/composition.ts';
import { tableMapSchema } from '../../shared/core/map/table-map.ts';
import { activateMap } from '../../shared/pipeline/activate-map.ts';
import { compileInstalled } from '../../shared/pipeline/compile-maps.ts';
import { pauseMap, resumeMap } from '../../shared/pipeline/control-map.ts';
import { problem } from '../problem.ts';
import { actorOf } from './answer.ts';

/** Lists the installed maps with their status, and why it is so where no person gave it. */
async function listMaps(): Promise<HttpResponseInit> {
  const { deps } = await services();
  const installed = await deps.mapStore.list();
  const maps = installed.map(({ map, status, reason }) => ({
    id: map.id,
    version: map.version,
    title: map.title,
    finops: map.finops.entity,
    dataverse: map.dataverse.table,
    status,
    ...(reason === undefined ? {} : { reason }),
  }));
  return { jsonBody: { maps } };
}

/**
 * Installs a map, or activates another version of it, if it is valid against the metadata of both sides; one that is not
 * is refused with all findings. 202 while writes of the version before are still under way: send it again.
 */
async function installMap(request: HttpRequest): Promise<HttpResponseInit> {
  const { deps, shapes, config } = await services();
  const parsed = tableMapSchema.safeParse(await request.json().catch(() => null));
  if (!parsed.success) {
    const findings = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    return problem(400, 'TW304', findings.join('; '));
  }
  const compiled = await compileInstalled(shapes, parsed.data);
  if (!compiled.ok) return problem(422, compiled.fault.code, compiled.fault.message);
  const { id, version } = parsed.data;
  const outcome = await activateMap(deps, parsed.data, actorOf(request, config));
  if (!outcome.ok) return problem(409, outcome.fault.code, outcome.fault.message);
  return { status: outcome.value.status === 'pausing' ? 202 : 201, jsonBody: { id, version, ...outcome.value } };
}

/** Pauses a map: `pausing` while writes that were claimed before are still under way; ask again until `paused`. */
async function pause(request: HttpRequest): Promise<HttpResponseInit> {
  return control(request, async (deps, mapId, actor) => ({ ...(await pauseMap(deps, mapId, actor)) }));
}

/** Lets a map run again, and releases what waited for it. */
async function resume(request: HttpRequest): Promise<HttpResponseInit> {
  return control(request, async (deps, mapId, actor) => ({
    status: 'running',
    released: await resumeMap(deps, mapId, actor),
  }));
}

async function control(
  request: HttpRequest,
  act: (deps: Services['deps'], mapId: string, actor: string) => Promise<object>,
): Promise<HttpResponseInit> {
  const { deps, config } = await services();
  const mapId = request.params['map'] ?? '';
  const installed = await deps.mapStore.list();
  if (!installed.some(({ map }) => map.id === mapId)) return problem(404, 'TW304', `There is no map ${mapId}.`);
  return { jsonBody: await act(deps, mapId, actorOf(request, config)) };
}

app.http('listMaps', { methods: ['GET'], authLevel: 'function', route: 'api/v1/maps', handler: listMaps });
app.http('installMap', { methods: ['PUT'], authLevel: 'function', route: 'api/v1/maps', handler: installMap });
app.http('pauseMap', { methods: ['POST'], authLevel: 'function', route: 'api/v1/maps/{map}/pause', handler: pause });
app.http('resumeMap', { methods: ['POST'], authLevel: 'function', route: 'api/v1/maps/{map}/resume', handler: resume });
