import type { RowStore } from './row-store.ts';
import { stableGuid } from './stable-guid.ts';
import type { Values } from './stored-value.ts';
import type { ColumnMetadata, ColumnType, OptionMetadata, TableMetadata } from './table-metadata.ts';

/** The messages on which steps may be registered, and the Multiple messages that only announce their support. */
export const stepMessages = ['Create', 'Update', 'Delete'] as const;
const multipleMessages = ['CreateMultiple', 'UpdateMultiple'] as const;

const enabledDisabled: OptionMetadata[] = [
  { value: 0, label: 'Enabled' },
  { value: 1, label: 'Disabled' },
];
const enabledDisabledReason: OptionMetadata[] = [
  { value: 1, label: 'Enabled', state: 0 },
  { value: 2, label: 'Disabled', state: 1 },
];

// "System Job (AsyncOperation) table": the states of "Asynchronous service".
const jobStates: OptionMetadata[] = [
  { value: 0, label: 'Ready' },
  { value: 1, label: 'Suspended' },
  { value: 2, label: 'Locked' },
  { value: 3, label: 'Completed' },
];
const jobReasons: OptionMetadata[] = [
  { value: 0, label: 'Waiting For Resources', state: 0 },
  { value: 10, label: 'Waiting', state: 1 },
  { value: 20, label: 'In Progress', state: 2 },
  { value: 30, label: 'Succeeded', state: 3 },
  { value: 31, label: 'Failed', state: 3 },
  { value: 32, label: 'Canceled', state: 3 },
];

/** The tables that every environment has: users, messages, endpoints, steps, images and system jobs. */
export const systemTables: TableMetadata[] = [
  systemTable('systemuser', 'systemusers', 'fullname', [
    text('fullname', 200),
    text('domainname', 1024),
    column('applicationid', 'Uniqueidentifier'),
    column('azureactivedirectoryobjectid', 'Uniqueidentifier'),
    column('isdisabled', 'Boolean'),
  ]),
  systemTable('sdkmessage', 'sdkmessages', 'name', [text('name', 256)]),
  systemTable('sdkmessagefilter', 'sdkmessagefilters', null, [
    lookup('sdkmessageid', 'sdkmessage'),
    text('primaryobjecttypecode', 100),
    column('iscustomprocessingstepallowed', 'Boolean'),
  ]),
  systemTable('serviceendpoint', 'serviceendpoints', 'name', [
    { ...text('name', 160), required: 'SystemRequired' },
    text('description', 2000),
    text('url', 2000),
    { ...text('authvalue', 2048), readable: false },
    column('isauthvalueset', 'Boolean'),
    choice('contract', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    choice('authtype', [1, 2, 3, 4, 5, 6, 7, 8]),
    choice('messageformat', [1, 2, 3]),
    choice('messagecharset', [0, 1]),
  ]),
  systemTable('sdkmessageprocessingstep', 'sdkmessageprocessingsteps', 'name', [
    text('name', 256),
    text('description', 256),
    choice('stage', [10, 20, 30, 40, 50]),
    choice('mode', [0, 1]),
    column('rank', 'Integer'),
    choice('supporteddeployment', [0, 1, 2]),
    choice('invocationsource', [-1, 0, 1]),
    column('asyncautodelete', 'Boolean'),
    text('filteringattributes', 100_000),
    lookup('sdkmessageid', 'sdkmessage'),
    lookup('sdkmessagefilterid', 'sdkmessagefilter'),
    {
      ...lookup('eventhandler', 'serviceendpoint'),
      navigations: { serviceendpoint: 'eventhandler_serviceendpoint' },
      collection: 'serviceendpoint_sdkmessageprocessingstep',
      deleteBehavior: 'Restrict',
    },
    { ...column('statecode', 'State'), options: enabledDisabled },
    { ...column('statuscode', 'Status'), options: enabledDisabledReason },
  ]),
  systemTable('sdkmessageprocessingstepimage', 'sdkmessageprocessingstepimages', 'name', [
    text('name', 256),
    text('entityalias', 256),
    choice('imagetype', [0, 1, 2]),
    text('messagepropertyname', 256),
    text('attributes', 100_000),
    {
      ...lookup('sdkmessageprocessingstepid', 'sdkmessageprocessingstep'),
      collection: 'sdkmessageprocessingstepid_sdkmessageprocessingstepimage',
      deleteBehavior: 'Cascade',
    },
  ]),
  systemTable('asyncoperation', 'asyncoperations', 'name', [
    text('name', 400),
    text('friendlymessage', 1_073_741_823),
    column('errorcode', 'Integer'),
    text('message', 1_073_741_823),
    text('messagename', 160),
    text('primaryentitytype', 160),
    column('operationtype', 'Integer'),
    column('completedon', 'DateTime'),
    { ...lookup('owningextensionid', 'sdkmessageprocessingstep'), deleteBehavior: 'Cascade' },
    { ...column('statecode', 'State'), options: jobStates },
    { ...column('statuscode', 'Status'), options: jobReasons },
  ]),
];

/** Ids of the messages and filters, the same in every simulated environment. */
export function messageId(message: string): string {
  return stableGuid(`sdkmessage:${message}`);
}

/** See `messageId`. */
export function messageFilterId(message: string, table: string): string {
  return stableGuid(`sdkmessagefilter:${message}:${table}`);
}

/** Rows that the environment has from the start: messages and, for each business table, their filters. */
export function seedSystemRows(
  put: (table: string, id: string, values: Values) => void,
  store: RowStore,
  tables: readonly TableMetadata[],
  withoutMultiple: readonly string[],
): void {
  for (const message of [...stepMessages, ...multipleMessages]) {
    if (store.get('sdkmessage', messageId(message)) === undefined) {
      put('sdkmessage', messageId(message), { name: message });
    }
    for (const { logicalName } of tables) {
      const id = messageFilterId(message, logicalName);
      const missing = message.endsWith('Multiple') && withoutMultiple.includes(logicalName);
      if (missing || store.get('sdkmessagefilter', id) !== undefined) continue;
      put('sdkmessagefilter', id, {
        sdkmessageid: { table: 'sdkmessage', id: messageId(message) },
        primaryobjecttypecode: logicalName,
        iscustomprocessingstepallowed: true,
      });
    }
  }
}

function systemTable(
  logicalName: string,
  entitySetName: string,
  primaryName: string | null,
  columns: ColumnMetadata[],
): TableMetadata {
  return {
    logicalName,
    entitySetName,
    schemaName: logicalName,
    primaryIdAttribute: `${logicalName}id`,
    primaryNameAttribute: primaryName,
    companyColumn: null,
    changeTracking: false,
    optimisticConcurrency: false,
    columns: [
      column(`${logicalName}id`, 'Uniqueidentifier'),
      ...columns,
      { ...column('createdon', 'DateTime'), validForCreate: false, validForUpdate: false },
      { ...column('modifiedon', 'DateTime'), validForCreate: false, validForUpdate: false },
    ],
    keys: [],
  };
}

function column(logicalName: string, type: ColumnType): ColumnMetadata {
  return { logicalName, type };
}

function text(logicalName: string, maxLength: number): ColumnMetadata {
  return { logicalName, type: 'String', maxLength };
}

function lookup(logicalName: string, target: string): ColumnMetadata {
  return { logicalName, type: 'Lookup', targets: [target] };
}

function choice(logicalName: string, values: number[]): ColumnMetadata {
  return { logicalName, type: 'Picklist', options: values.map((value) => ({ value, label: String(value) })) };
}
