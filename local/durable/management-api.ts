import { type ManagementPlace, managementLinks } from './client-links.ts';
import type { DurableEngine, Refusal } from './engine.ts';
import { describeInstance, readFilter } from './management-status.ts';
import { entityIdOf, isFinal } from './store.ts';

/** A request to the management API: path segments below its base, decoded. */
export interface ManagementRequest {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
  readonly continuation: string | null;
}

/** Its answer; `body` is a value to be sent as JSON. */
export interface ManagementAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const PAGE = 100;
const RUNTIME_CONTROLS = ['terminate', 'suspend', 'resume'] as const;

/** Statuses of refused requests ("HTTP APIs in Durable Functions"). */
const REFUSED: Record<Refusal, ManagementAnswer> = {
  unknown: { status: 404 },
  finished: { status: 410 },
  running: { status: 409, body: { Message: 'An instance with this id is already running.' } },
  'not-failed': { status: 412, body: 'The rewind operation is only supported on failed orchestration instances.' },
  'no-such-function': { status: 400, body: { Message: 'There is no orchestrator function of this name.' } },
};

/** Answers one request of the durable management API. */
export function manage(engine: DurableEngine, place: ManagementPlace, request: ManagementRequest): ManagementAnswer {
  const [area, ...rest] = request.path;
  switch (area ?? '') {
    case 'orchestrators':
      return request.method === 'POST' ? createInstance(engine, place, request, rest) : { status: 405 };
    case 'instances':
      return rest[0] === undefined || rest[0] === ''
        ? manageMany(engine, request)
        : manageOne(engine, place, request, rest[0], rest.slice(1));
    case 'entities':
      return manageEntity(engine, request, rest);
    default:
      return { status: 404 };
  }
}

function createInstance(
  engine: DurableEngine,
  place: ManagementPlace,
  request: ManagementRequest,
  [name = '', instanceId]: readonly string[],
): ManagementAnswer {
  const input = jsonBody(request.body);
  if (input === null) {
    return { status: 400, body: { Message: 'The body is no JSON.' } };
  }
  const started = engine.start(name, input, instanceId ?? null, request.query.get('version'));
  if (typeof started === 'string') {
    return REFUSED[started];
  }
  return accepted(place, started.id);
}

function accepted(place: ManagementPlace, instanceId: string): ManagementAnswer {
  const links = managementLinks(place, instanceId);
  const location = links['statusQueryGetUri'] ?? '';
  return { status: 202, body: links, headers: { location, 'retry-after': '10' } };
}

/** The body as JSON text, `null` in JSON when it is empty; null when it is no JSON. */
function jsonBody(body: string): string | null {
  if (body.trim() === '') {
    return 'null';
  }
  try {
    JSON.parse(body);
    return body;
  } catch {
    return null;
  }
}

function manageMany(engine: DurableEngine, request: ManagementRequest): ManagementAnswer {
  const filter = readFilter(request.query);
  if (request.method === 'DELETE') {
    const ids = engine
      .list(filter)
      .filter(({ status }) => isFinal(status))
      .map(({ instanceId }) => instanceId);
    const instancesDeleted = ids.filter((id) => engine.purge(id) === null).length;
    return instancesDeleted === 0 ? { status: 404 } : { status: 200, body: { instancesDeleted } };
  }
  const limit = Number(request.query.get('top') ?? PAGE);
  const offset = Number(request.continuation ?? 0);
  const records = engine.list({ ...filter, offset, limit: limit + 1 });
  const body = records
    .slice(0, limit)
    .flatMap(({ instanceId }) => describeInstance(engine, instanceId, request.query) ?? []);
  const more = records.length > limit ? { 'x-ms-continuation-token': String(offset + limit) } : {};
  return { status: 200, body, headers: more };
}

function manageOne(
  engine: DurableEngine,
  place: ManagementPlace,
  request: ManagementRequest,
  instanceId: string,
  [operation, eventName]: readonly string[],
): ManagementAnswer {
  if (operation === undefined) {
    return request.method === 'DELETE' ? purgeOne(engine, instanceId) : readStatus(engine, place, request, instanceId);
  }
  if (operation === 'raiseEvent' && eventName !== undefined) {
    const input = jsonBody(request.body);
    return input === null
      ? { status: 400, body: { Message: 'The body is no JSON.' } }
      : done(engine.tell(instanceId, { kind: 'event', name: eventName, input }));
  }
  const control = RUNTIME_CONTROLS.find((known) => known === operation);
  if (control !== undefined) {
    const reason = request.query.get('reason') ?? '';
    return done(engine.tell(instanceId, { kind: 'control', control, reason }));
  }
  if (operation === 'rewind') {
    return done(engine.rewind(instanceId));
  }
  if (operation === 'restart') {
    const started = engine.restart(instanceId, request.query.get('restartWithNewInstanceId') !== 'false');
    return typeof started === 'string' ? REFUSED[started] : accepted(place, started.id);
  }
  return { status: 404 };
}

const done = (refusal: Refusal | null): ManagementAnswer => (refusal === null ? { status: 202 } : REFUSED[refusal]);

function purgeOne(engine: DurableEngine, instanceId: string): ManagementAnswer {
  const refusal = engine.purge(instanceId);
  return refusal === null ? { status: 200, body: { instancesDeleted: 1 } } : { status: 404 };
}

function readStatus(
  engine: DurableEngine,
  place: ManagementPlace,
  request: ManagementRequest,
  instanceId: string,
): ManagementAnswer {
  const body = describeInstance(engine, instanceId, request.query);
  if (body === null) {
    return { status: 404 };
  }
  if (!isFinal(body.runtimeStatus)) {
    const location = managementLinks(place, instanceId)['statusQueryGetUri'] ?? '';
    return { status: 202, body, headers: { location, 'retry-after': '5' } };
  }
  const loud = request.query.get('returnInternalServerErrorOnFailure') === 'true';
  return { status: loud && body.runtimeStatus === 'Failed' ? 500 : 200, body };
}

function manageEntity(
  engine: DurableEngine,
  request: ManagementRequest,
  [name = '', key = '']: readonly string[],
): ManagementAnswer {
  const entityId = entityIdOf(name, key);
  if (request.method === 'POST') {
    const input = jsonBody(request.body);
    if (input === null) {
      return { status: 400, body: { Message: 'The body is no JSON.' } };
    }
    engine.signalEntity(entityId, request.query.get('op') ?? '', input);
    return { status: 202 };
  }
  const state = engine.readEntity(entityId);
  return state === null ? { status: 404 } : { status: 200, body: JSON.parse(state) };
}
