import { companyOf } from './access.ts';
import { type BusinessEventBinding, businessEventBody } from './business-event.ts';
import { dataEventBody, dataEventMessages, virtualTableName } from './data-event.ts';
import { entityNamed, type Model, sourceOfField } from './metadata.ts';
import type { EventActivation, OutboxState, UnsentEvent } from './outgoing-event.ts';
import type { RowChange } from './row-writes.ts';
import type { FinopsSwitches } from './switches.ts';

/** What turning a change into events needs. */
export interface EventScope {
  model: Model;
  switches: FinopsSwitches;
  bindings: readonly BusinessEventBinding[];
  random: () => number;
  now: () => number;
  guid: () => string;
}

/** Now, with the four digits below the millisecond that the clock does not give. */
export function momentOf(scope: EventScope): { atMs: number; ticks: string } {
  return { atMs: scope.now(), ticks: String(Math.floor(scope.random() * 10_000)).padStart(4, '0') };
}

/** The next ControlNumber: rises with gaps, like a RecId handed out in blocks. */
export function nextControlNumber(scope: EventScope, state: Pick<OutboxState, 'controlNumber'>): string {
  state.controlNumber += 1 + Math.floor(scope.random() * 5);
  return String(state.controlNumber);
}

function matches(activation: EventActivation, event: string, company: string | null): boolean {
  return activation.event === event && (activation.company === null || activation.company === company);
}

function businessEvents(
  scope: EventScope,
  state: OutboxState,
  change: RowChange,
  company: string | null,
): UnsentEvent[] {
  const raised = scope.bindings.filter((binding) => {
    const operations = binding.operations ?? ['create', 'update'];
    return entityNamed(scope.model, binding.entity) === change.entity && operations.includes(change.operation);
  });
  return raised.flatMap((binding) =>
    state.activations
      .filter(({ kind }) => kind === 'business')
      .filter((activation) => matches(activation, binding.businessEventId, company))
      .map(({ event, endpoint }) => {
        const identity = { eventId: scope.guid(), controlNumber: nextControlNumber(scope, state) };
        const body = businessEventBody(binding, change, identity, momentOf(scope), scope.switches);
        return { kind: 'business', event, company, endpoint, body, headers: {} };
      }),
  );
}

/** The changed fields of each Updated event that one save gives: all at once, or table by table. */
function changeGroups(change: RowChange, switches: FinopsSwitches): string[][] {
  if (change.operation !== 'update' || switches.updatedEvents === 'per-save') {
    return [change.changed];
  }
  const groups = new Map<number, string[]>();
  for (const name of change.changed) {
    const source = sourceOfField(change.entity, name);
    groups.set(source, [...(groups.get(source) ?? []), name]);
  }
  return groups.size === 0 ? [[]] : [...groups.values()];
}

function dataEvents(scope: EventScope, state: OutboxState, change: RowChange, company: string | null): UnsentEvent[] {
  const { model, switches } = scope;
  const event = change.entity.metadata.name;
  return state.activations
    .filter(({ kind, operations }) => kind === 'data' && operations.includes(change.operation))
    .filter((activation) => matches(activation, event, company))
    .flatMap(({ endpoint }) =>
      changeGroups(change, switches).map((changed) => {
        const correlationId = scope.guid();
        const body = dataEventBody(change, changed, { atMs: scope.now(), correlationId }, model, switches);
        const dataverse = {
          'x-ms-dynamics-entity-name': virtualTableName(change.entity),
          'x-ms-dynamics-request-name': dataEventMessages[change.operation],
          'x-ms-correlation-request-id': correlationId,
        };
        const headers: Record<string, string> = switches.dataEventHeaders === 'dataverse' ? dataverse : {};
        return { kind: 'data', event, company, endpoint, body, headers };
      }),
    );
}

/** The events that a committed change raises at the activated endpoints, business events first. */
export function raisedEvents(scope: EventScope, state: OutboxState, change: RowChange): UnsentEvent[] {
  const row = change.after ?? change.before;
  const company = row === null ? null : companyOf(change.entity, row);
  return [...businessEvents(scope, state, change, company), ...dataEvents(scope, state, change, company)];
}
