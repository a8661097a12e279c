import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import type { z } from 'zod';
import { dismissRequest, editRequest, parkedQuery, parkedRef, retryRequest } from '../../shared/api/requests.ts';
import { type Services, services } from '../../shared/composition.ts';
import { editParked, showFields } from '../../shared/pipeline/edit-parked.ts';
import {
  approveDeletions,
  dismissParked,
  type ParkedSelection,
  retryParked,
  selectParked,
} from '../../shared/pipeline/parked-actions.ts';
import type { ParkReason } from '../../shared/ports/state-store.ts';
import { actorOf, faultAnswer, jsonOf, withRequest } from './answer.ts';

type Select = z.infer<typeof retryRequest>['select'];

/** What waits, what is due first. */
async function list(request: HttpRequest): Promise<HttpResponseInit> {
  return withRequest(parkedQuery, Object.fromEntries(request.query), async (filter) => {
    const { deps } = await services();
    const found = await selectParked(deps, selectionOf({ filter }));
    return { jsonBody: { parked: found.map(({ parked }) => parked) } };
  });
}

async function retry(request: HttpRequest): Promise<HttpResponseInit> {
  return onSelection(request, (deps, selection, actor) => retryParked(deps, selection, actor));
}

/** Lets deletions go on that wait for a person. */
async function approve(request: HttpRequest): Promise<HttpResponseInit> {
  return onSelection(request, (deps, selection, actor) => approveDeletions(deps, selection, actor));
}

async function dismiss(request: HttpRequest): Promise<HttpResponseInit> {
  return withRequest(dismissRequest, await jsonOf(request), async ({ select, reason }) => {
    const { deps, config } = await services();
    return { jsonBody: { count: await dismissParked(deps, selectionOf(select), actorOf(request, config), reason) } };
  });
}

/** What both sides hold of a record that waits: what an edit has to name as seen. */
async function fields(request: HttpRequest): Promise<HttpResponseInit> {
  return withRequest(parkedRef, Object.fromEntries(request.query), async ({ map, identity }) => {
    const { deps } = await services();
    const shown = await showFields(deps, { mapId: map, identity });
    return shown.ok ? { jsonBody: { fields: shown.value } } : faultAnswer(shown.fault);
  });
}

/** Accepted: the edits are on their way like any change, and hold while both sides show what was seen. */
async function edit(request: HttpRequest): Promise<HttpResponseInit> {
  return withRequest(editRequest, await jsonOf(request), async ({ map, identity, edits }) => {
    const { deps, config } = await services();
    const edited = await editParked(deps, { mapId: map, identity }, edits, actorOf(request, config));
    return edited.ok ? { status: 202, jsonBody: { decisions: edited.value } } : faultAnswer(edited.fault);
  });
}

async function onSelection(
  request: HttpRequest,
  act: (deps: Services['deps'], selection: ParkedSelection, actor: string) => Promise<number>,
): Promise<HttpResponseInit> {
  return withRequest(retryRequest, await jsonOf(request), async ({ select }) => {
    const { deps, config } = await services();
    return { jsonBody: { count: await act(deps, selectionOf(select), actorOf(request, config)) } };
  });
}

function selectionOf(select: Select): ParkedSelection {
  if ('identity' in select) return { mapId: select.map, identity: select.identity };
  const { map, reason, code, limit } = select.filter;
  return {
    filter: {
      ...(map === undefined ? {} : { mapId: map }),
      ...(reason === undefined ? {} : { reason: reason as ParkReason }),
    },
    code: code ?? null,
    limit,
  };
}

app.http('listParked', { methods: ['GET'], authLevel: 'function', route: 'api/v1/parked', handler: list });
app.http('retryParked', { methods: ['POST'], authLevel: 'function', route: 'api/v1/parked/retry', handler: retry });
app.http('parkedFields', { methods: ['GET'], authLevel: 'function', route: 'api/v1/parked/fields', handler: fields });
app.http('editParked', { methods: ['POST'], authLevel: 'function', route: 'api/v1/parked/edit', handler: edit });
app.http('approveParked', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'api/v1/parked/approve',
  handler: approve,
});
app.http('dismissParked', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'api/v1/parked/dismiss',
  handler: dismiss,
});
