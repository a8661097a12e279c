import { testEventBody, testEventId } from './business-event.ts';
import { type EventScope, momentOf, nextControlNumber, raisedEvents } from './event-raising.ts';
import { entityNamed } from './metadata.ts';
import type { EventActivation, FailedEvent, OutboxState, OutgoingEvent, UnsentEvent } from './outgoing-event.ts';
import type { RowChange } from './row-writes.ts';

export type { EventActivation } from './outgoing-event.ts';

export interface EventOutbox {
  /** Sends a test event to the endpoint; throws when an event has ten endpoints already or fits no company. */
  activate(activation: EventActivation): void;
  /** Drops the activations of an event; null means every event. What happens meanwhile is lost. */
  deactivate(event: string | null): void;
  activations(): readonly EventActivation[];
  raise(change: RowChange): void;
  /** Reports how a posting ended: null when it was delivered, else the reason. */
  settle(id: number, reason: string | null): void;
  pending(): readonly OutgoingEvent[];
  failures(): readonly FailedEvent[];
  /** Sends a failed event again, to another endpoint if one is given; throws when there is no such event. */
  resend(id: number, endpoint?: string): void;
  state(): OutboxState;
  restore(state: OutboxState): void;
}

export interface OutboxScope extends EventScope {
  post: (event: OutgoingEvent) => void;
}

/** "Endpoints allowed per event" of the business events parameters. */
const endpointsPerEvent = 10;
const firstControlNumber = 5_637_985_363;

function demandActivatable(scope: OutboxScope, state: OutboxState, activation: EventActivation): void {
  const binding = scope.bindings.find(({ businessEventId }) => businessEventId === activation.event);
  const name = activation.kind === 'data' ? activation.event : (binding?.entity ?? '');
  const entity = entityNamed(scope.model, name);
  if (entity === undefined || (activation.kind === 'data' && entity.metadata.dataEvents === false)) {
    throw new Error(`The catalogue has no event ${activation.event}.`);
  }
  if (activation.company !== null && !entity.metadata.companySpecific) {
    throw new Error(`Event ${activation.event} is shared by all companies and cannot be activated for one.`);
  }
  const taken = state.activations.filter(
    (other) => other.event === activation.event && other.company === activation.company,
  );
  if (taken.length >= endpointsPerEvent) {
    throw new Error(`Event ${activation.event} has ${endpointsPerEvent} endpoints already.`);
  }
}

interface Outbox {
  scope: OutboxScope;
  state: OutboxState;
}

function send(outbox: Outbox, event: UnsentEvent): void {
  const { scope, state } = outbox;
  const headers = { 'content-type': 'application/json; charset=utf-8', ...event.headers };
  const outgoing = { ...event, id: state.nextId, headers, attempts: 4, waitMs: 1_000, timeoutMs: 10_000 };
  state.nextId += 1;
  state.pending.push(outgoing);
  scope.post(outgoing);
}

function activate(outbox: Outbox, activation: EventActivation): void {
  const { scope, state } = outbox;
  const company = activation.company?.toLowerCase() ?? null;
  demandActivatable(scope, state, { ...activation, company });
  state.activations.push({ ...activation, company });
  const body = testEventBody(scope.guid(), company ?? '', momentOf(scope), scope.switches);
  send(outbox, { kind: 'test', event: testEventId, company, endpoint: activation.endpoint, body, headers: {} });
}

function settle({ scope, state }: Outbox, id: number, reason: string | null): void {
  const event = state.pending.find((candidate) => candidate.id === id);
  state.pending = state.pending.filter((candidate) => candidate !== event);
  if (event !== undefined && reason !== null) {
    state.failed.push({ event, reason, at: new Date(scope.now()).toISOString() });
  }
}

function renewed({ scope, state }: Outbox, event: OutgoingEvent): string {
  if (scope.switches.resendIdentity === 'same' || event.kind !== 'business') {
    return event.body;
  }
  return event.body
    .replace(/"EventId":"[^"]*"/, `"EventId":"${scope.guid().toUpperCase()}"`)
    .replace(/"ControlNumber":-?\d+/, `"ControlNumber":${nextControlNumber(scope, state)}`);
}

function resend(outbox: Outbox, id: number, endpoint: string | undefined): void {
  const { state } = outbox;
  const failed = state.failed.find(({ event }) => event.id === id);
  if (failed === undefined) {
    throw new Error(`There is no failed event ${id}.`);
  }
  state.failed = state.failed.filter((candidate) => candidate !== failed);
  send(outbox, { ...failed.event, endpoint: endpoint ?? failed.event.endpoint, body: renewed(outbox, failed.event) });
}

/** Queues what committed changes raise; posting and its retries are done by the process around the simulator. */
export function createEventOutbox(scope: OutboxScope): EventOutbox {
  const outbox: Outbox = {
    scope,
    state: { activations: [], pending: [], failed: [], nextId: 1, controlNumber: firstControlNumber },
  };
  return {
    activate: (activation) => activate(outbox, activation),
    deactivate: (event) => {
      const { state } = outbox;
      state.activations = state.activations.filter((activation) => event !== null && activation.event !== event);
    },
    activations: () => outbox.state.activations,
    raise: (change) => {
      for (const event of raisedEvents(scope, outbox.state, change)) {
        send(outbox, event);
      }
    },
    settle: (id, reason) => settle(outbox, id, reason),
    pending: () => outbox.state.pending,
    failures: () => outbox.state.failed,
    resend: (id, endpoint) => resend(outbox, id, endpoint),
    state: () => structuredClone(outbox.state),
    restore: (saved) => {
      outbox.state = structuredClone(saved);
      for (const event of [...outbox.state.pending]) {
        scope.post(event);
      }
    },
  };
}
