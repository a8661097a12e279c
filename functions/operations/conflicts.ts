import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { conflictsQuery, recordQuery, resolveRequest, undoRequest } from '../../shared/api/requests.ts';
import { services } from '../../shared/composition.ts';
import { type Choice, decideConflict } from '../../shared/pipeline/decide-conflict.ts';
import { pageConflicts, type ShownConflict, showConflicts } from '../../shared/pipeline/show-conflicts.ts';
import { showRecord } from '../../shared/pipeline/show-record.ts';
import { actorOf, faultAnswer, jsonOf, withRequest } from './answer.ts';

const OPEN_MAX = 500;

/** Those that wait for a person, of all maps or of one; or all of one map, also those of the past, page by page. */
async function list(request: HttpRequest): Promise<HttpResponseInit> {
  return withRequest(conflictsQuery, Object.fromEntries(request.query), async (query) => {
    if (query.state === 'open') return { jsonBody: { conflicts: await openOnes(query.map) } };
    const { deps } = await services();
    const { map, cursor, limit } = query;
    return { jsonBody: await pageConflicts(deps, map, { cursor: cursor ?? null, records: limit }) };
  });
}

async function openOnes(mapId: string | undefined): Promise<ShownConflict[]> {
  const { deps } = await services();
  const filter = { reason: 'manual' as const, limit: OPEN_MAX };
  const waiting = await deps.state.listParked(mapId === undefined ? filter : { ...filter, mapId });
  const shown = await Promise.all(
    waiting.map(({ parked }) => showConflicts(deps, { mapId: parked.mapId, key: parked.change.key ?? '' })),
  );
  return shown.flat().filter(({ state }) => state === 'open');
}

/** All there is of one record: link, conflicts, audit and what waits. */
async function getRecord(request: HttpRequest): Promise<HttpResponseInit> {
  return withRequest(recordQuery, Object.fromEntries(request.query), async ({ map, key }) => {
    const { deps } = await services();
    return { jsonBody: await showRecord(deps, { mapId: map, key }) };
  });
}

async function resolve(request: HttpRequest): Promise<HttpResponseInit> {
  return withRequest(resolveRequest, await jsonOf(request), (body) => {
    const choice = 'take' in body ? { take: body.take } : { side: body.side, value: body.value };
    return decide(request, body, choice);
  });
}

async function undo(request: HttpRequest): Promise<HttpResponseInit> {
  return withRequest(undoRequest, await jsonOf(request), (body) => decide(request, body, 'undo'));
}

/** Accepted: the decision is on its way like any change, and holds while both sides show what was seen. */
async function decide(
  request: HttpRequest,
  { map, key, seen }: { map: string; key: string; seen: readonly [string | null, string | null] },
  choice: Choice,
): Promise<HttpResponseInit> {
  const { deps, config } = await services();
  const ref = { mapId: map, key, conflictId: request.params['conflict'] ?? '' };
  const decided = await decideConflict(deps, ref, seen, choice, actorOf(request, config));
  return decided.ok ? { status: 202, jsonBody: { decision: decided.value } } : faultAnswer(decided.fault);
}

app.http('listConflicts', { methods: ['GET'], authLevel: 'function', route: 'api/v1/conflicts', handler: list });
app.http('getRecord', { methods: ['GET'], authLevel: 'function', route: 'api/v1/record', handler: getRecord });
app.http('resolveConflict', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'api/v1/conflicts/{conflict}/resolve',
  handler: resolve,
});
app.http('undoConflict', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'api/v1/conflicts/{conflict}/undo',
  handler: undo,
});
