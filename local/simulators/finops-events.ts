import type { BusinessEventBinding } from './finops/business-event.ts';
import type { EventActivation } from './finops/event-outbox.ts';
import type { FinopsSimulator } from './finops/finops-simulator.ts';
import type { EntityMetadata } from './finops/metadata.ts';

/**
 * Activates the data events of every entity that has them and every business event given, for all companies. What
 * is active already stays as it is, because each activation sends a test event.
 */
export function activateFinopsEvents(
  finops: FinopsSimulator,
  entities: readonly EntityMetadata[],
  bindings: readonly BusinessEventBinding[],
  webhooks: { finopsUrl: string; key: string },
): void {
  const url = new URL(webhooks.finopsUrl);
  url.searchParams.set('key', webhooks.key);
  const wanted: EventActivation[] = [
    ...entities
      .filter(({ dataEvents }) => dataEvents !== false)
      .map(({ name }): EventActivation => activation('data', name, url.href)),
    ...bindings.map(({ businessEventId }): EventActivation => activation('business', businessEventId, url.href)),
  ];
  const names = (list: readonly EventActivation[]): string =>
    JSON.stringify(list.map(({ kind, event, company, endpoint: at }) => [kind, event, company, at]).sort());
  if (names(finops.events.activations()) === names(wanted)) return;
  finops.events.deactivate(null);
  for (const activation of wanted) finops.events.activate(activation);
}

function activation(kind: EventActivation['kind'], event: string, endpoint: string): EventActivation {
  return { kind, event, endpoint, company: null, operations: ['create', 'update', 'delete'] };
}
