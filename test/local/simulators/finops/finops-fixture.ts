import type { SimResponse } from '../../../../local/simulators/exchange.ts';
import type { FinopsOptions } from '../../../../local/simulators/finops/environment.ts';
import { createFinopsSimulator, type FinopsSimulator } from '../../../../local/simulators/finops/finops-simulator.ts';
import type { EntityMetadata, FieldMetadata } from '../../../../local/simulators/finops/metadata.ts';

function key(name: string, maxLength: number): FieldMetadata {
  return { name, type: 'String', maxLength, isKey: true, isMandatory: true, allowEdit: false };
}

export const customerGroup: EntityMetadata = {
  name: 'CustomerGroup',
  entitySetName: 'CustomerGroups',
  aotName: 'CustCustomerGroupEntity',
  label: 'Customer groups',
  companySpecific: true,
  dataEvents: true,
  dataSources: [{ name: 'CustGroup', fields: [] }],
  fields: [
    key('dataAreaId', 4),
    key('CustomerGroupId', 30),
    { name: 'Description', type: 'String', maxLength: 60, isMandatory: true },
    { name: 'IsSalesTaxIncludedInPrice', type: 'Enum', enum: 'NoYes' },
  ],
};

export const customer: EntityMetadata = {
  name: 'CustomerV3',
  entitySetName: 'CustomersV3',
  aotName: 'CustCustomerV3Entity',
  label: 'Customers V3',
  companySpecific: true,
  dataEvents: true,
  numberSequence: { field: 'CustomerAccount', prefix: 'US-', digits: 6 },
  dataSources: [
    { name: 'CustTable', fields: [] },
    { name: 'DirPartyTable', fields: ['OrganizationName'] },
    { name: 'LogisticsPostalAddress', fields: ['AddressCity'], outerJoined: true },
  ],
  fields: [
    key('dataAreaId', 4),
    key('CustomerAccount', 20),
    { name: 'CustomerGroupId', type: 'String', maxLength: 30 },
    { name: 'OrganizationName', type: 'String', maxLength: 100 },
    { name: 'AddressCity', type: 'String', maxLength: 60 },
    { name: 'PartyType', type: 'String', maxLength: 20, allowEdit: false },
    { name: 'PartyNumber', type: 'String', maxLength: 40, allowEdit: false, allowEditOnCreate: false },
    { name: 'CreditLimit', type: 'Real' },
    { name: 'CreditRatingDate', type: 'Date' },
    { name: 'LastCheckedDateTime', type: 'UtcDateTime' },
    { name: 'ModifiedDateTime', type: 'UtcDateTime', allowEdit: false, allowEditOnCreate: false },
    { name: 'OnHoldStatus', type: 'Enum', enum: 'CustVendorBlocked' },
    { name: 'ExternalRecId', type: 'Int64' },
    { name: 'Priority', type: 'Int32' },
    { name: 'IntegrationId', type: 'Guid' },
    { name: 'InvoiceAccount', type: 'String', maxLength: 20 },
  ],
  references: [
    { field: 'CustomerGroupId', entity: 'CustomerGroup', targetField: 'CustomerGroupId' },
    { field: 'InvoiceAccount', entity: 'CustomerV3', targetField: 'CustomerAccount' },
  ],
};

const journalLine: EntityMetadata = {
  name: 'JournalLine',
  entitySetName: 'JournalLines',
  aotName: 'JournalLineEntity',
  companySpecific: true,
  fields: [
    key('dataAreaId', 4),
    { name: 'LineNumber', type: 'Real', isKey: true, allowEdit: false },
    { name: 'IsPosted', type: 'Enum', enum: 'NoYes', isKey: true, allowEdit: false },
    { name: 'Text', type: 'String', maxLength: 60 },
    { name: 'CustomerName', type: 'String', maxLength: 100 },
  ],
  references: [{ field: 'CustomerName', entity: 'CustomerV3', targetField: 'OrganizationName' }],
};

export const currency: EntityMetadata = {
  name: 'Currency',
  entitySetName: 'Currencies',
  aotName: 'CurrencyEntity',
  companySpecific: false,
  dataEvents: true,
  fields: [key('CurrencyCode', 3), { name: 'Name', type: 'String', maxLength: 120 }],
};

export const enums = {
  NoYes: [
    { name: 'No', value: 0 },
    { name: 'Yes', value: 1 },
  ],
  CustVendorBlocked: [
    { name: 'No', value: 0 },
    { name: 'Invoice', value: 1 },
    { name: 'All', value: 2 },
  ],
};

/** A repeatable source of numbers in [0, 1). */
function seeded(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const startMs = Date.UTC(2026, 0, 15, 8, 30, 12, 345);

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** The parsed body, or null when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the members it expects.
  json: any;
}

export interface Fixture {
  simulator: FinopsSimulator;
  clock: { nowMs: number };
  send(method: string, target: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toAnswer(response: SimResponse): Answer {
  const text = response.body.toString();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

/** A fresh environment with the entities above; bodies given as text go out as they are. */
export function createFixture(options: Partial<FinopsOptions> = {}): Fixture {
  const clock = { nowMs: startMs };
  const simulator = createFinopsSimulator({
    entities: [customerGroup, customer, journalLine, currency],
    enums,
    random: seeded(),
    now: () => clock.nowMs,
    ...options,
  });
  return {
    simulator,
    clock,
    send: async (method, target, body, headers = {}) => {
      const [path = '', rawQuery = ''] = target.split(/\?(.*)/s);
      const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      const response = await simulator.handle({
        method,
        path,
        rawQuery,
        query: new URLSearchParams(rawQuery),
        headers: { host: '127.0.0.1:7080', ...headers },
        body: Buffer.from(text),
      });
      return toAnswer(response);
    },
  };
}

/** Adds a row without events, as a set-based job would. */
export function seed(fixture: Fixture, entity: string, ...rows: Record<string, unknown>[]): void {
  for (const values of rows) {
    fixture.simulator.change({ entity, operation: 'create', values, raisesEvents: false });
  }
}

/** The reason of a failed request. */
export function reason(answer: Answer): string {
  return answer.json.error.innererror.message;
}
