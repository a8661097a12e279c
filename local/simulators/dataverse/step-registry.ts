import type { StepImage } from './execution-context.ts';
import type { RowStore } from './row-store.ts';
import type { RowChange } from './row-writes.ts';
import { isReference } from './stored-value.ts';
import { messageFilterId } from './system-tables.ts';
import type { Schema, Table } from './table-metadata.ts';
import type { Row } from './table-rows.ts';
import { badRequest } from './web-fault.ts';

/** An endpoint as the outbox needs it. */
export interface Endpoint {
  url: string;
  headers: Record<string, string>;
}

/** A step that an event has to run. */
export interface RegisteredStep {
  id: string;
  name: string;
  autoDelete: boolean;
  endpointId: string;
  images: StepImage[];
}

/** The enabled asynchronous steps that a change sets off. */
export function stepsFor(schema: Schema, store: RowStore, change: RowChange): RegisteredStep[] {
  const stepTable = schema.byName.get('sdkmessageprocessingstep');
  if (stepTable === undefined || change.context.bypassAsync) return [];
  const filter = messageFilterId(change.message, change.table.metadata.logicalName);
  const steps: RegisteredStep[] = [];
  for (const id of store.idsByColumn(stepTable, 'sdkmessagefilterid', [filter])) {
    const row = store.get('sdkmessageprocessingstep', id);
    const handler = row?.values['eventhandler'];
    if (row === undefined || !isReference(handler) || !runs(row, change)) continue;
    steps.push({
      id,
      name: String(row.values['name'] ?? ''),
      autoDelete: row.values['asyncautodelete'] === true,
      endpointId: handler.id,
      images: imagesOf(schema, store, id),
    });
  }
  return steps;
}

function runs(step: Row, change: RowChange): boolean {
  if (step.values['statecode'] !== 0 || change.context.bypassedSteps.has(step.id)) return false;
  const filtering = step.values['filteringattributes'];
  if (change.message !== 'Update' || typeof filtering !== 'string') return true;
  // A column counts when it was sent, changed or not ("Register a plug-in", filtering attributes).
  return filtering.split(',').some((column) => column in change.target);
}

function imagesOf(schema: Schema, store: RowStore, stepId: string): StepImage[] {
  const table = schema.byName.get('sdkmessageprocessingstepimage');
  if (table === undefined) return [];
  const images: StepImage[] = [];
  for (const id of store.idsByColumn(table, 'sdkmessageprocessingstepid', [stepId])) {
    const values = store.get('sdkmessageprocessingstepimage', id)?.values;
    if (values === undefined) continue;
    const type = values['imagetype'];
    images.push({
      alias: String(values['entityalias'] ?? values['name'] ?? ''),
      pre: type === 0 || type === 2,
      post: type === 1 || type === 2,
      columns: String(values['attributes'] ?? '')
        .split(',')
        .map((column) => column.trim())
        .filter((column) => column !== ''),
    });
  }
  return images;
}

/** The address and headers of an endpoint with its authentication ("Register a web hook"), or undefined when it is gone. */
export function endpointOf(store: RowStore, id: string): Endpoint | undefined {
  const values = store.get('serviceendpoint', id)?.values;
  const url = values?.['url'];
  if (values === undefined || typeof url !== 'string') return undefined;
  const secret = String(values['authvalue'] ?? '');
  if (values['authtype'] === 4) return { url: withQuery(url, [['code', secret]]), headers: {} };
  if (values['authtype'] === 5) return { url, headers: Object.fromEntries(settingsOf(secret)) };
  if (values['authtype'] === 6) return { url: withQuery(url, settingsOf(secret)), headers: {} };
  return { url, headers: {} };
}

function settingsOf(xml: string): [string, string][] {
  return [...xml.matchAll(/<setting\s+name="([^"]*)"\s+value="([^"]*)"\s*\/>/g)].map(([, name, value]) => [
    unescapeXml(name ?? ''),
    unescapeXml(value ?? ''),
  ]);
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

function withQuery(url: string, pairs: [string, string][]): string {
  const address = new URL(url);
  for (const [name, value] of pairs) address.searchParams.append(name, value);
  return address.href;
}

/**
 * Refuses registrations that the platform refuses ("Register a plug-in") and those the simulator does not carry
 * out: synchronous steps, contracts other than webhooks.
 */
export function checkRegistration(schema: Schema, store: RowStore, change: RowChange): void {
  const values = change.after?.values;
  if (values === undefined) return;
  switch (change.table.metadata.logicalName) {
    case 'serviceendpoint':
      if (values['contract'] !== 8) throw badRequest('Only webhooks (contract 8) are simulated.');
      return;
    case 'sdkmessageprocessingstep':
      if (values['stage'] !== 40 || values['mode'] !== 1) {
        throw badRequest('Only asynchronous steps in stage 40 are simulated.');
      }
      if (!isReference(values['sdkmessagefilterid'])) throw badRequest('The step needs a message filter.');
      return;
    case 'sdkmessageprocessingstepimage':
      checkImage(change.table, store, schema, values['sdkmessageprocessingstepid'], values['imagetype']);
  }
}

function checkImage(table: Table, store: RowStore, schema: Schema, step: unknown, type: unknown): void {
  const id = typeof step === 'object' && step !== null && 'id' in step ? String(step.id) : '';
  const filter = store.get('sdkmessageprocessingstep', id)?.values['sdkmessagefilterid'];
  const impossible = (message: string): boolean =>
    isReference(filter) && [...schema.byName.keys()].some((name) => messageFilterId(message, name) === filter.id);
  if (type !== 1 && impossible('Create')) {
    throw badRequest(`A pre-image cannot be registered on Create (${table.metadata.logicalName}).`);
  }
  if (type !== 0 && impossible('Delete')) {
    throw badRequest(`A post-image cannot be registered on Delete (${table.metadata.logicalName}).`);
  }
}
