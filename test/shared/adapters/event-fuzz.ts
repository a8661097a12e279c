import { decodeDataverseEvent } from '../../../shared/adapters/dataverse/dataverse-event.ts';
import { decodeFinopsEvent } from '../../../shared/adapters/finops/finops-event.ts';
import { parseQueueBody } from '../../../shared/adapters/service-bus/change-message.ts';
import { type Random, seededRandom } from '../../simulation/random.ts';

export const entity = (attributes: Record<string, unknown>, more: object = {}) => ({
  Attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
  Id: '4e1d0f3c-5a0e-ee11-8f6e-000d3a000004',
  LogicalName: 'account',
  ...more,
});
export const context = (message: string, table: string, target: object, more: object = {}) => ({
  MessageName: message,
  PrimaryEntityName: table,
  PrimaryEntityId: '4e1d0f3c-5a0e-ee11-8f6e-000d3a000004',
  Depth: 1,
  OperationId: '5f1d0f3c-5a0e-ee11-8f6e-000d3a000005',
  OrganizationId: '601d0f3c-5a0e-ee11-8f6e-000d3a000006',
  OperationCreatedOn: '/Date(1767225600000+0000)/',
  InputParameters: [{ key: 'Target', value: target }],
  SharedVariables: [{ key: 'tag', value: 'somebody' }],
  ...more,
});

/** Well-formed bodies of both senders, to be spoiled. */
export const SAMPLES: readonly object[] = [
  context('Create', 'account', entity({ name: 'Northwind', accountnumber: 'US-001', creditlimit: { Value: 2500.01 } })),
  context(
    'Update',
    'account',
    entity({ name: 'Northwind', primarycontactid: null, modifiedon: '/Date(1767229200000)/' }),
  ),
  context('Delete', 'account', { Id: '4e1d0f3c-5a0e-ee11-8f6e-000d3a000004', LogicalName: 'account' }),
  context('OnExternalUpdated', 'mserp_custcustomerv3entity', entity({ mserp_customeraccount: 'US-001' }), {
    InputParameters: [
      { key: 'Target', value: entity({ mserp_customeraccount: 'US-001', mserp_dataareaid: 'usmf' }) },
      { key: 'ChangedFields', value: ['mserp_organizationname'] },
    ],
  }),
  {
    BusinessEventId: 'CustomerChanged',
    BusinessEventLegalEntity: 'USMF',
    ControlNumber: 5637166326,
    EventId: '0B7B5E2E-0000-0000-0000-000000000001',
    EventTime: '/Date(1767225600000)/',
    AccountNum: 'US-001',
  },
];

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  '',
  ' ',
  '\u0000',
  [],
  {},
  [[]],
  { key: 'Target' },
  'x'.repeat(3000),
];

type Json = Record<string, unknown>;

/** A sample with one to three parts of its structure spoiled, and now and then a byte of its text. */
export function spoil(random: Random, samples: readonly object[] = SAMPLES): string {
  const body = structuredClone(random.pick(samples)) as Json;
  for (let count = 1 + random.below(3); count > 0; count -= 1) spoilOne(body, random);
  const text = JSON.stringify(body);
  if (random.chance(0.6)) return text;
  const at = random.below(text.length);
  return random.chance(0.5)
    ? text.slice(0, at)
    : text.slice(0, at) + String.fromCharCode(random.below(65_536)) + text.slice(at + random.below(4));
}

function spoilOne(root: Json, random: Random): void {
  let at: Json = root;
  for (;;) {
    const names = Object.keys(at);
    if (names.length === 0) return;
    const name = random.pick(names);
    const value = at[name];
    if (typeof value === 'object' && value !== null && random.chance(0.7)) {
      at = value as Json;
      continue;
    }
    if (random.chance(0.3)) delete at[name];
    else at[name] = structuredClone(random.pick(ODD_VALUES));
    return;
  }
}

/** Spoiled bodies against the decoders of both senders: what was wrong, if anything was. */
export function fuzzEvents(count: number, seed: number): { wrong: string[]; accepted: number } {
  const random = seededRandom(seed);
  const wrong: string[] = [];
  let accepted = 0;
  for (let index = 0; index < count; index += 1) {
    const body = spoil(random);
    for (const decode of [decodeDataverseEvent, decodeFinopsEvent]) {
      try {
        const decoded = decode(body);
        if (!decoded.ok && decoded.problem.length < 10) wrong.push(`no reason is given for ${body}`);
        if (!decoded.ok || 'ignored' in decoded) continue;
        accepted += 1;
        const message = JSON.stringify({ id: decoded.event.id, body: { type: 'event', event: decoded.event } });
        if (!parseQueueBody(message).ok) wrong.push(`the queue could not carry ${body}`);
      } catch (error) {
        wrong.push(`${String(error)} at ${body}`);
      }
    }
  }
  return { wrong, accepted };
}
