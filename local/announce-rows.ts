import { ServiceBusClient } from '@azure/service-bus';
import { createServiceBusChangeQueue } from '../shared/adapters/service-bus/service-bus-change-queue.ts';
import type { RowEvent } from '../shared/core/change/change.ts';
import type { QueueMessage } from '../shared/ports/change-queue.ts';
import type { ShippedMap } from './install-maps.ts';

export interface AnnounceOptions {
  connectionString: string;
  /** Root address of the simulators. */
  url: string;
  maps: readonly ShippedMap[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Puts a hint about every row of both systems into the queue, as a scan of both sides would: the rows that were there
 * before the app are linked, and those of one side only are created on the other.
 */
export async function announceRows(options: AnnounceOptions): Promise<number> {
  const messages = [...(await finopsHints(options)), ...(await dataverseHints(options))];
  const client = new ServiceBusClient(options.connectionString);
  const queue = createServiceBusChangeQueue({ client, queueName: 'changes' });
  await queue.send(messages);
  await queue.close();
  await client.close();
  return messages.length;
}

async function finopsHints({ url, maps }: AnnounceOptions): Promise<QueueMessage[]> {
  const keys = new Map(maps.map((map) => [map.finops.entity, map.key.map((pair) => pair.finops)]));
  const messages: QueueMessage[] = [];
  for (const [entity, fields] of keys) {
    for (const row of await rowsOf(url, `finops/${entity}`)) {
      const columns: Record<string, string> = {};
      for (const field of ['dataAreaId', ...fields]) {
        if (row[field] !== undefined) columns[field.toLowerCase()] = String(row[field]);
      }
      messages.push(hint('finops', entity, null, columns, messages.length));
    }
  }
  return messages;
}

async function dataverseHints({ url, maps }: AnnounceOptions): Promise<QueueMessage[]> {
  const messages: QueueMessage[] = [];
  for (const table of new Set(maps.map((map) => map.dataverse.table))) {
    for (const row of await rowsOf(url, `dataverse/${table}`)) {
      messages.push(hint('dataverse', table, String(row[`${table}id`]), {}, messages.length));
    }
  }
  return messages;
}

function hint(
  side: RowEvent['side'],
  table: string,
  rowId: string | null,
  columns: Readonly<Record<string, string>>,
  index: number,
): QueueMessage {
  const id = `announce-${side}-${index}`;
  const event: RowEvent = { type: 'row', id, side, table, kind: 'update', rowId, columns, occurredAt: null };
  return { id, body: { type: 'event', event } };
}

async function rowsOf(url: string, path: string): Promise<Json[]> {
  const response = await fetch(`${url}/sim/api/rows/${path}`);
  const body = (await response.json()) as { value: Json[] };
  return body.value;
}
