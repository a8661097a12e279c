import type { SimChange, SimRequest, SimResponse } from '../exchange.ts';
import { type FinopsUser, integrationUserId, plainUser } from './access.ts';
import { answered, handleBatch } from './batch.ts';
import type { BusinessEventBinding } from './business-event.ts';
import { renderCsdl } from './csdl.ts';
import { handleEntity, jsonResponse, type Service, serviceRoot } from './entity-routes.ts';
import { createEventOutbox, type EventOutbox } from './event-outbox.ts';
import { parseExact } from './exact-json.ts';
import { overloadFault, routeFault } from './faults.ts';
import { buildModel, type EntityMetadata, type EnumMember, entityNamed } from './metadata.ts';
import { handleMetadata } from './metadata-service.ts';
import type { OutgoingEvent } from './outgoing-event.ts';
import type { DataProject } from './package-archive.ts';
import { handlePackage, isPackageRequest, type PackageState } from './package-service.ts';
import { createRowStore, keyOf } from './row-store.ts';
import { readBody } from './row-validation.ts';
import {
  beginTransaction,
  createRow,
  deleteRow,
  type RowChange,
  type Transaction,
  updateRow,
  type WriteWorld,
} from './row-writes.ts';
import { defaultSwitches, type FinopsSwitches } from './switches.ts';

export interface FinopsOptions {
  entities: EntityMetadata[];
  enums: Record<string, EnumMember[]>;
  random: () => number;
  /** Milliseconds since 1970. */
  now: () => number;
  switches?: Partial<FinopsSwitches>;
  /** Takes an event to deliver; the taker reports the end with `events.settle`. Without it nothing is queued. */
  post?: (event: OutgoingEvent) => void;
  /** The business event catalogue. */
  businessEvents?: BusinessEventBinding[];
  users?: FinopsUser[];
  /** Data projects that package jobs may name. */
  dataProjects?: DataProject[];
  /** Public path in front of `/data`; `/finops` unless told. */
  mountPath?: string;
}

/** A change made inside F&O rather than through OData: a form, a batch job, a set-based statement. */
export interface InnerChange {
  /** Public name or set name. */
  entity: string;
  operation: RowChange['operation'];
  /** A body as OData has it; names the whole key for updates and deletes. */
  values: Record<string, unknown>;
  userId?: string;
  /** False for doInsert, doUpdate, set-based operations and skipBusinessEvents(true): no event is raised. */
  raisesEvents?: boolean;
  /** Goes into the {@link SimChange} untouched. */
  tag?: string;
}

/** The parts of one simulated environment. */
export interface Environment {
  world: WriteWorld;
  users: Map<string, FinopsUser>;
  listeners: ((change: SimChange) => void)[];
  events: EventOutbox;
  service: Service;
  /** Until when requests get 429, and how many came in too early. */
  pressure: { untilMs: number; pushes: number };
  guid: () => string;
  packages: PackageState;
  projects: readonly DataProject[];
}

const applicationVersion = '10.0.44.1';
const versionAction = '/data/DataManagementEntities/Microsoft.Dynamics.DataEntities.GetApplicationVersion';

function guidFrom(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
}

/** Throws when the metadata contradict themselves. */
export function buildEnvironment(options: FinopsOptions): Environment {
  const { random, now } = options;
  const model = buildModel(options.entities, options.enums);
  const switches: FinopsSwitches = { ...defaultSwitches, ...options.switches };
  const world: WriteWorld = { model, store: createRowStore(model), switches, extensions: {}, random, now };
  const users = new Map((options.users ?? []).map((user) => [user.id, user]));
  const guid = (): string => guidFrom(random);
  const bindings = options.businessEvents ?? [];
  const post = options.post ?? ((event: OutgoingEvent): void => events.settle(event.id, null));
  const events = createEventOutbox({ model, switches, bindings, random, now, guid, post });
  const service: Service = {
    world,
    mountPath: options.mountPath ?? '/finops',
    userOf: (request) => userNamed(users, request.headers['x-sim-user'] ?? integrationUserId),
  };
  return {
    world,
    users,
    listeners: [],
    events,
    service,
    pressure: { untilMs: 0, pushes: 0 },
    guid,
    packages: { blobs: {}, executions: {} },
    projects: options.dataProjects ?? [],
  };
}

function userNamed(users: ReadonlyMap<string, FinopsUser>, id: string): FinopsUser {
  return users.get(id) ?? plainUser(id);
}

function simChange(change: RowChange, at: string, tag: string | undefined): SimChange {
  const row = change.after ?? change.before;
  return {
    side: 'finops',
    table: change.entity.metadata.entitySetName,
    key: row === null ? '' : keyOf(change.entity, row.values).join('|'),
    operation: change.operation,
    at,
    by: change.user.id,
    columns: change.changed,
    ...(tag === undefined ? {} : { tag }),
  };
}

function commit(environment: Environment, transaction: Transaction, raisesEvents: boolean, tag?: string): void {
  const at = new Date(environment.world.now()).toISOString();
  for (const change of transaction.changes) {
    for (const listener of environment.listeners) {
      listener(simChange(change, at, tag));
    }
    if (raisesEvents) {
      environment.events.raise(change);
    }
  }
}

function demandCapacity({ pressure, world }: Environment): void {
  const leftMs = pressure.untilMs - world.now();
  if (leftMs > 0) {
    pressure.pushes += 1;
    const waitSeconds = Math.ceil(leftMs / 1_000) + pressure.pushes - 1;
    throw overloadFault(world.switches.retryAfterHeader === 'sent' ? waitSeconds : null);
  }
}

function route(environment: Environment, request: SimRequest, transaction: Transaction): SimResponse {
  const { service, world } = environment;
  const { method, path } = request;
  demandCapacity(environment);
  if (path.startsWith('/metadata/')) {
    return handleMetadata(service, request);
  }
  if (method === 'GET' && path === '/data/$metadata') {
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: renderCsdl(world.model) };
  }
  if (method === 'POST' && path === '/data/$batch') {
    return handleBatch(service, request, environment.guid(), (done) => commit(environment, done, true));
  }
  if (method === 'POST' && path === versionAction) {
    const context = `${serviceRoot(service, request)}$metadata#Edm.String`;
    return jsonResponse(200, { '@odata.context': context, value: applicationVersion });
  }
  if (isPackageRequest(path)) {
    const { packages: state, projects, guid } = environment;
    return handlePackage(
      { service, state, projects, guid, commit: (done) => commit(environment, done, true) },
      request,
    );
  }
  if (path.startsWith('/data/')) {
    return handleEntity(service, request, transaction);
  }
  throw routeFault(path);
}

/** Answers one request as one transaction; an error that is no fault of F&O comes out as it is. */
export function serve(environment: Environment, request: SimRequest): SimResponse {
  const transaction = beginTransaction();
  const { response, failed } = answered(transaction, () => route(environment, request, transaction));
  if (!failed) {
    commit(environment, transaction, true);
  }
  const traced = { 'ms-dyn-aid': environment.guid(), 'server-timing': 'total;dur=1' };
  return { ...response, headers: { ...response.headers, ...traced } };
}

function applyInside({ world, users }: Environment, change: InnerChange, transaction: Transaction): void {
  const entity = entityNamed(world.model, change.entity);
  if (entity === undefined) {
    throw new Error(`There is no entity ${change.entity}.`);
  }
  const user = userNamed(users, change.userId ?? integrationUserId);
  const rules = { enums: world.model.enums, switches: world.switches };
  const given = readBody(entity, parseExact(JSON.stringify(change.values)), rules);
  if (change.operation === 'create') {
    createRow(world, transaction, entity, given, user);
    return;
  }
  const row = world.store.find(entity, keyOf(entity, given));
  if (row === undefined) {
    throw new Error(`There is no row ${keyOf(entity, given).join('|')} in ${change.entity}.`);
  }
  if (change.operation === 'update') {
    updateRow(world, transaction, entity, row, given, user);
  } else {
    deleteRow(world, transaction, entity, row, user);
  }
}

/** Makes one change inside F&O, all or nothing; throws the fault that OData would have answered with. */
export function changeInside(environment: Environment, change: InnerChange): void {
  const transaction = beginTransaction();
  applyInside(environment, change, transaction);
  commit(environment, transaction, change.raisesEvents ?? true, change.tag);
}
