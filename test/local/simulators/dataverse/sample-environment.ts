import {
  createDataverseSimulator,
  type DataverseSimulator,
} from '../../../../local/simulators/dataverse/dataverse-simulator.ts';
import type { DataverseSwitches } from '../../../../local/simulators/dataverse/switches.ts';
import type { ColumnMetadata, TableMetadata } from '../../../../local/simulators/dataverse/table-metadata.ts';
import type { WebhookPost } from '../../../../local/simulators/dataverse/webhook-outbox.ts';
import type { SimResponse } from '../../../../local/simulators/exchange.ts';

const audit: ColumnMetadata[] = [
  {
    logicalName: 'statecode',
    type: 'State',
    options: [
      { value: 0, label: 'Active' },
      { value: 1, label: 'Inactive' },
    ],
  },
  {
    logicalName: 'statuscode',
    type: 'Status',
    options: [
      { value: 1, label: 'Active', state: 0 },
      { value: 2, label: 'Inactive', state: 1 },
    ],
  },
  { logicalName: 'createdon', type: 'DateTime', validForCreate: false, validForUpdate: false },
  { logicalName: 'modifiedon', type: 'DateTime', validForCreate: false, validForUpdate: false },
  { logicalName: 'createdby', type: 'Lookup', targets: ['systemuser'], validForCreate: false, validForUpdate: false },
  { logicalName: 'modifiedby', type: 'Lookup', targets: ['systemuser'], validForCreate: false, validForUpdate: false },
  { logicalName: 'versionnumber', type: 'BigInt', validForCreate: false, validForUpdate: false },
];

function table(
  logicalName: string,
  entitySetName: string,
  primaryNameAttribute: string,
  columns: ColumnMetadata[],
  keys: TableMetadata['keys'],
): TableMetadata {
  const primaryIdAttribute = `${logicalName}id`;
  return {
    logicalName,
    entitySetName,
    schemaName: logicalName.charAt(0).toUpperCase() + logicalName.slice(1),
    primaryIdAttribute,
    primaryNameAttribute,
    companyColumn: columns.some((column) => column.logicalName === 'msdyn_company') ? 'msdyn_company' : null,
    changeTracking: true,
    optimisticConcurrency: true,
    columns: [
      { logicalName: primaryIdAttribute, type: 'Uniqueidentifier', required: 'SystemRequired', validForUpdate: false },
      ...columns,
      ...audit,
    ],
    keys,
  };
}

/** A small environment: companies, accounts and contacts that refer to each other. */
const sampleTables: TableMetadata[] = [
  table(
    'cdm_company',
    'cdm_companies',
    'cdm_name',
    [
      { logicalName: 'cdm_companycode', type: 'String', maxLength: 4 },
      { logicalName: 'cdm_name', type: 'String', maxLength: 100 },
    ],
    [{ name: 'cdm_company_key', columns: ['cdm_companycode'] }],
  ),
  table(
    'account',
    'accounts',
    'name',
    [
      { logicalName: 'name', type: 'String', maxLength: 20, required: 'SystemRequired' },
      { logicalName: 'accountnumber', type: 'String', maxLength: 20 },
      { logicalName: 'description', type: 'Memo', maxLength: 1_000_000 },
      { logicalName: 'creditlimit', type: 'Money', precision: 2 },
      { logicalName: 'exchangerate', type: 'Decimal', precision: 10 },
      { logicalName: 'numberofemployees', type: 'Integer', minValue: 0, maxValue: 1000 },
      { logicalName: 'donotfax', type: 'Boolean' },
      { logicalName: 'anniversary', type: 'DateTime', behavior: 'DateOnly' },
      { logicalName: 'lastvisit', type: 'DateTime', behavior: 'UserLocal' },
      { logicalName: 'opening', type: 'DateTime', behavior: 'TimeZoneIndependent' },
      {
        logicalName: 'customertypecode',
        type: 'Picklist',
        options: [
          { value: 3, label: 'Customer' },
          { value: 10, label: 'Supplier' },
        ],
      },
      {
        logicalName: 'new_channels',
        type: 'MultiSelectPicklist',
        options: [
          { value: 100000001, label: 'Web' },
          { value: 100000002, label: 'Shop' },
        ],
      },
      { logicalName: 'msdyn_company', type: 'Lookup', targets: ['cdm_company'], navigation: 'msdyn_company' },
      { logicalName: 'primarycontactid', type: 'Lookup', targets: ['contact'], navigation: 'primarycontactid' },
      { logicalName: 'parentaccountid', type: 'Lookup', targets: ['account'], navigation: 'parentaccountid' },
      { logicalName: 'ownercompany', type: 'Lookup', targets: ['cdm_company'], validForUpdate: false },
    ],
    [{ name: 'msdyn_account_key', columns: ['accountnumber', 'msdyn_company'] }],
  ),
  table(
    'contact',
    'contacts',
    'fullname',
    [
      { logicalName: 'fullname', type: 'String', maxLength: 100 },
      { logicalName: 'firstname', type: 'String', maxLength: 50 },
      { logicalName: 'lastname', type: 'String', maxLength: 50 },
      { logicalName: 'emailaddress1', type: 'String', maxLength: 100 },
      {
        logicalName: 'parentcustomerid',
        type: 'Lookup',
        targets: ['account', 'contact'],
        navigations: { account: 'parentcustomerid_account', contact: 'parentcustomerid_contact' },
      },
      {
        logicalName: 'billingaccountid',
        type: 'Lookup',
        targets: ['account'],
        navigation: 'billingaccountid',
        deleteBehavior: 'Restrict',
      },
      { logicalName: 'twinid', type: 'Lookup', targets: ['contact'], deleteBehavior: 'Cascade' },
    ],
    [{ name: 'contact_email', columns: ['emailaddress1'] }],
  ),
];

/** A simulator with a clock that stands until told otherwise, and a seeded source of numbers. */
export interface SampleEnvironment {
  simulator: DataverseSimulator;
  clock: { now: number };
  /** Sends a request; a body is sent as JSON, a string as it is. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<SampleAnswer>;
}

/** An answer with its body read as JSON where it is JSON. */
export interface SampleAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes.
  json: any;
}

/** Creates the sample environment. */
export function sampleEnvironment(switches: Partial<DataverseSwitches> = {}, post?: WebhookPost): SampleEnvironment {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const simulator = createDataverseSimulator({
    tables: sampleTables,
    random: seededRandom(7),
    now: () => clock.now,
    switches: { webhookRetryDelayMs: 1, ...switches },
    ...(post === undefined ? {} : { post }),
  });
  return {
    simulator,
    clock,
    call: async (method, path, body, headers = {}) => {
      const [address = '', ...query] = path.split('?');
      const rawQuery = query.join('?');
      const response = await simulator.handle({
        method,
        path: address.startsWith('/') ? address : `/api/data/v9.2/${address}`,
        query: new URLSearchParams(rawQuery),
        rawQuery,
        headers: { host: 'sim.test', ...headers },
        body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? '')),
      });
      return readAnswer(response);
    },
  };
}

function readAnswer(response: SimResponse): SampleAnswer {
  const text = response.body.toString();
  const isJson = (response.headers['content-type'] ?? '').includes('json') && text !== '';
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/** The GUID at the end of an entity address. */
export function idOf(answer: SampleAnswer): string {
  return /\(([0-9a-f-]{36})\)$/.exec(answer.headers['odata-entityid'] ?? '')?.[1] ?? '';
}

function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x100000000;
  };
}
