import { createHash } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTableMapStore } from '../../../../shared/adapters/table-storage/table-map-store.ts';
import {
  createTableRejectedStore,
  type RejectedEvent,
} from '../../../../shared/adapters/table-storage/table-rejected-store.ts';
import { mapStoreContract } from '../../../contracts/map-store.contract.ts';
import { type Azurite, startAzurite } from '../../../support/azurite.ts';

let azurite: Azurite;
const connection = () => ({ connectionString: azurite.connectionString });

beforeAll(async () => {
  azurite = await startAzurite();
  await createTableMapStore({ connection: connection() }).ensureTables();
  await createTableRejectedStore({ connection: connection() }).ensureTables();
});
afterAll(() => azurite.stop());

mapStoreContract('Table Storage', () => createTableMapStore({ connection: connection() }));

const MINUTE_MS = 60_000;
const START_MS = 30_000_000 * MINUTE_MS;

function rejected(id: string, more: Partial<RejectedEvent> = {}): RejectedEvent {
  const body = Buffer.alloc(10_000, id);
  return {
    id,
    side: 'finops',
    reason: 'TW402',
    firstBytes: body,
    length: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
    atMs: START_MS,
    ...more,
  };
}

async function rows(): Promise<Record<string, unknown>[]> {
  const client = TableClient.fromConnectionString(azurite.connectionString, 'rejected', {
    allowInsecureConnection: true,
  });
  const found: Record<string, unknown>[] = [];
  for await (const row of client.listEntities()) found.push(row);
  return found;
}

describe('the table of rejected events', () => {
  it('keeps the first 4 KiB, sixty events a minute and sender, and counts the others', async () => {
    const store = createTableRejectedStore({ connection: connection() });
    const answers: string[] = [];
    for (let index = 0; index < 63; index += 1) answers.push(await store.keep(rejected(`f${index}`)));
    expect(answers.filter((answer) => answer === 'kept')).toHaveLength(60);
    expect(answers.slice(60)).toEqual(['counted', 'counted', 'counted']);
    expect(await store.keep(rejected('d', { side: 'dataverse' }))).toBe('kept');
    expect(await store.keep(rejected('next', { atMs: START_MS + MINUTE_MS }))).toBe('kept');
    const kept = await rows();
    expect(kept).toHaveLength(62);
    const next = kept.find((row) => row['id'] === 'next');
    expect(next).toMatchObject({ partitionKey: 'finops', reason: 'TW402', length: 10_000, onlyCountedBefore: 3 });
    expect(next?.['sha256']).toBe(rejected('next').sha256);
    expect(next?.['firstBytes']).toHaveLength(4096);
    expect(store.operations()).toEqual({ 'rejected.save': 62 });
  });

  it('has the newest event of a sender first', async () => {
    const ofFinops = (await rows()).filter((row) => row['partitionKey'] === 'finops');
    expect(ofFinops[0]?.['id']).toBe('next');
  });
});
