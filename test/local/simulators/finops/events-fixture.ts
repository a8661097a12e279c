import type { EventActivation, OutgoingEvent } from '../../../../local/simulators/finops/outgoing-event.ts';
import { createFixture, type Fixture, seed } from './finops-fixture.ts';

export const endpoint = 'http://127.0.0.1:7071/api/ingress/finops?key=k';
export const groupRow = "/data/CustomerGroups(dataAreaId='usmf',CustomerGroupId='10')?cross-company=true";
export const customerRow = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C1')?cross-company=true";

// biome-ignore lint/suspicious/noExplicitAny: a test reads the members it expects.
type Body = any;

export interface EventFixture extends Fixture {
  sent: OutgoingEvent[];
  /** Activates events and forgets the test events that this sends. */
  activate(...activations: EventActivation[]): void;
  /** The parsed bodies of what was sent. */
  bodies(): Body[];
}

export function activation(kind: 'business' | 'data', event: string, company: string | null = null): EventActivation {
  return { kind, event, operations: ['create', 'update', 'delete'], company, endpoint };
}

export function parameter(body: Body, key: string): Body {
  return body.InputParameters.find((item: { key: string }) => item.key === key)?.value;
}

export function attributes(image: Body): Record<string, Body> {
  return Object.fromEntries(image.Attributes.map((item: { key: string; value: unknown }) => [item.key, item.value]));
}

/** An environment with one group, one customer and one business event in its catalogue. */
export function createEventFixture(): EventFixture {
  const sent: OutgoingEvent[] = [];
  const fixture = createFixture({
    post: (event) => void sent.push(event),
    businessEvents: [
      {
        businessEventId: 'CustomerChangedBusinessEvent',
        entity: 'CustomersV3',
        members: {
          AccountNum: 'CustomerAccount',
          LegalEntity: 'dataAreaId',
          RatingDate: 'CreditRatingDate',
          Checked: 'LastCheckedDateTime',
          Limit: 'CreditLimit',
          Blocked: 'OnHoldStatus',
          IntegrationGuid: 'IntegrationId',
        },
      },
    ],
  });
  seed(fixture, 'CustomerGroup', { dataAreaId: 'usmf', CustomerGroupId: '10', Description: 'Wholesale' });
  seed(fixture, 'CustomerV3', { dataAreaId: 'usmf', CustomerAccount: 'C1' });
  return {
    ...fixture,
    sent,
    activate: (...activations) => {
      for (const one of activations) {
        fixture.simulator.events.activate(one);
      }
      sent.length = 0;
    },
    bodies: () => sent.map((event) => JSON.parse(event.body)),
  };
}
