import type { CallContext } from './call-context.ts';
import { createRow, deleteRow, updateRow, type WriteScope } from './row-writes.ts';
import { stableGuid } from './stable-guid.ts';
import type { Values } from './stored-value.ts';
import { messageFilterId, messageId, stepMessages } from './system-tables.ts';
import type { Table, TableMetadata } from './table-metadata.ts';

/** A webhook to register for tables without going through the Web API. */
export interface WebhookRegistration {
  url: string;
  /** Header that carries the secret, and the secret. */
  headerName: string;
  key: string;
  /** Logical names; every business table when absent. */
  tables?: string[];
  /** Further columns of the pre-images of Update and Delete, per table. */
  imageColumns?: Record<string, string[]>;
}

const endpointId = stableGuid('serviceendpoint:twinwrite-ingress');

/**
 * Registers Create, Update and Delete steps for tables, in the form the deployment registers them: no image on
 * Create, pre-images of the key columns and the company on Update and Delete. A repeated registration changes
 * the earlier one in place, so that jobs waiting from before a restart still find their endpoint.
 */
export function registerWebhook(
  scope: WriteScope,
  context: CallContext,
  tables: readonly TableMetadata[],
  registration: WebhookRegistration,
): void {
  const wanted = tables.filter(({ logicalName }) => registration.tables?.includes(logicalName) ?? true);
  upsert(scope, context, 'serviceendpoint', endpointId, {
    name: 'twinwrite-ingress',
    url: registration.url,
    contract: 8,
    authtype: 5,
    messageformat: 2,
    messagecharset: 1,
    authvalue: `<settings><setting name="${escapeXml(registration.headerName)}" value="${escapeXml(registration.key)}" /></settings>`,
  });
  const kept = new Set<string>();
  for (const table of wanted) {
    const columns = imageColumns(table, registration.imageColumns?.[table.logicalName] ?? []);
    for (const message of stepMessages) {
      const id = registerStep(scope, context, message, table.logicalName);
      kept.add(id);
      if (message !== 'Create') registerImage(scope, context, id, columns);
    }
  }
  removeOtherSteps(scope, context, kept);
}

function registerStep(scope: WriteScope, context: CallContext, message: string, table: string): string {
  const id = stableGuid(`sdkmessageprocessingstep:twinwrite:${message}:${table}`);
  upsert(scope, context, 'sdkmessageprocessingstep', id, {
    name: `twinwrite: ${message} of ${table}`,
    stage: 40,
    mode: 1,
    rank: 1,
    supporteddeployment: 0,
    invocationsource: 0,
    asyncautodelete: true,
    sdkmessageid: { table: 'sdkmessage', id: messageId(message) },
    sdkmessagefilterid: { table: 'sdkmessagefilter', id: messageFilterId(message, table) },
    eventhandler: { table: 'serviceendpoint', id: endpointId },
  });
  return id;
}

function registerImage(scope: WriteScope, context: CallContext, step: string, columns: string[]): void {
  upsert(scope, context, 'sdkmessageprocessingstepimage', stableGuid(`image:${step}`), {
    name: 'pre',
    entityalias: 'pre',
    imagetype: 0,
    messagepropertyname: 'Target',
    attributes: columns.join(','),
    sdkmessageprocessingstepid: { table: 'sdkmessageprocessingstep', id: step },
  });
}

function imageColumns(table: TableMetadata, further: string[]): string[] {
  const keys = table.keys.flatMap((key) => key.columns);
  const company = table.companyColumn ? [table.companyColumn] : [];
  return [...new Set([table.primaryIdAttribute, ...keys, ...company, ...further])];
}

function removeOtherSteps(scope: WriteScope, context: CallContext, kept: ReadonlySet<string>): void {
  const table = tableOf(scope, 'sdkmessageprocessingstep');
  for (const id of scope.store.idsByColumn(table, 'eventhandler', [endpointId])) {
    const step = kept.has(id) ? undefined : scope.store.get('sdkmessageprocessingstep', id);
    if (step !== undefined) deleteRow(scope, table, step, context);
  }
}

function upsert(scope: WriteScope, context: CallContext, name: string, id: string, values: Values): void {
  const table = tableOf(scope, name);
  const row = scope.store.get(name, id);
  if (row !== undefined) updateRow(scope, table, row, values, context);
  else createRow(scope, table, { ...values, [table.metadata.primaryIdAttribute]: id }, context);
}

function tableOf(scope: WriteScope, name: string): Table {
  const table = scope.schema.byName.get(name);
  if (table === undefined) throw new Error(`The table ${name} is missing from the schema.`);
  return table;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
