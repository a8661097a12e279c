import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitForRest } from '../../local/demo/rest.ts';
import { openScene, type Scene } from '../../local/demo/scene.ts';
import customers from '../../maps/sales/customers-v3--accounts.json' with { type: 'json' };
import { tablesConnectionOf } from './app-state.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await openScene({ customers: 4 });
}, 60_000);

afterAll(() => scene?.close());

interface Problem {
  status: number;
  title: string;
  detail: string;
  code: string;
}

function post(route: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${scene.stack.appUrl}${route}`, { method: 'POST', body, headers });
}

async function problemIn(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  return (await response.json()) as Problem;
}

async function rejectedFrom(side: string): Promise<Record<string, unknown>[]> {
  const connection = tablesConnectionOf(scene);
  const table = TableClient.fromConnectionString(connection, 'rejected', { allowInsecureConnection: true });
  const rows: Record<string, unknown>[] = [];
  for await (const row of table.listEntities({ queryOptions: { filter: `PartitionKey eq '${side}'` } })) rows.push(row);
  return rows;
}

const ROUTES = ['/api/ingress/dataverse', '/api/ingress/finops'] as const;

describe('the webhooks', () => {
  test.each(ROUTES)('%s answers 401 to a missing or a wrong key, and keeps nothing', async (route) => {
    const wrong = 'local-webhook-key-0002';
    for (const response of [
      await post(route, 'not JSON'),
      await post(route, 'not JSON', { 'x-twinwrite-key': wrong }),
      await post(`${route}?key=${wrong}`, 'not JSON'),
      await post(`${route}?key=`, 'not JSON', { 'x-twinwrite-key': '' }),
    ]) {
      expect(response.status).toBe(401);
      expect(await problemIn(response)).toMatchObject({ status: 401, code: 'TW401' });
    }
    expect(await rejectedFrom(route.endsWith('finops') ? 'finops' : 'dataverse')).toEqual([]);
  });

  test.each(ROUTES)('%s takes the key in the header and in the query', async (route) => {
    const { key } = scene.stack;
    expect((await post(route, '[]', { 'x-twinwrite-key': key })).status).toBe(400);
    expect((await post(`${route}?key=${key}`, '[]')).status).toBe(400);
  });

  test.each(ROUTES)('%s answers 400 to what it cannot read, and keeps it', async (route) => {
    const side = route.endsWith('finops') ? 'finops' : 'dataverse';
    const before = (await rejectedFrom(side)).length;
    const body = `not JSON ${'ä'.repeat(4_000)}`;
    const notJson = await post(`${route}?key=${scene.stack.key}`, body);
    expect(notJson.status).toBe(400);
    expect((await problemIn(notJson)).code).toBe('TW402');
    const unknownShape = await post(`${route}?key=${scene.stack.key}`, '{"weather":"fine"}');
    expect(unknownShape.status).toBe(400);
    expect((await problemIn(unknownShape)).detail).not.toBe('');
    const kept = await rejectedFrom(side);
    expect(kept).toHaveLength(before + 2);
    const long = kept.find((row) => row['length'] === Buffer.byteLength(body));
    expect(long).toMatchObject({ reason: 'TW402', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(long?.['firstBytes']).toHaveLength(4_096);
  });

  test('answer 413 to a body of more than a megabyte, and keep its beginning', async () => {
    const body = `{"MessageName":"${'x'.repeat(1_048_576)}"}`;
    const response = await post(`/api/ingress/dataverse?key=${scene.stack.key}`, body);
    expect(response.status).toBe(413);
    expect((await problemIn(response)).code).toBe('TW403');
    const [kept] = (await rejectedFrom('dataverse')).filter((row) => row['reason'] === 'TW403');
    expect(kept).toMatchObject({ length: Buffer.byteLength(body) });
    expect(Buffer.from(kept?.['firstBytes'] as Uint8Array).toString()).toBe(body.slice(0, 4_096));
  });

  test('answer 202 to an authentic event that no map listens to, since a refusal costs the sender retries', async () => {
    const stranger = {
      BusinessEventId: 'WeatherChangedBusinessEvent',
      EventId: 'a1',
      BusinessEventLegalEntity: 'usmf',
    };
    const finops = await post(`/api/ingress/finops?key=${scene.stack.key}`, JSON.stringify(stranger));
    expect(finops.status).toBe(202);
    const context = {
      MessageName: 'Update',
      PrimaryEntityName: 'new_weather',
      PrimaryEntityId: '0f8fad5b-d9cb-469f-a165-70867728950e',
    };
    const dataverse = await post(`/api/ingress/dataverse?key=${scene.stack.key}`, JSON.stringify(context));
    expect(dataverse.status).toBe(202);
    await waitForRest(scene.stack, 30_000);
    const unbound = scene.events.all().filter(({ event }) => event === 'event.unbound');
    expect(unbound.map(({ name }) => name)).toEqual(['WeatherChangedBusinessEvent', 'new_weather']);
  });
});

describe('a map', () => {
  const put = (map: unknown): Promise<Response> =>
    fetch(`${scene.stack.appUrl}/api/v1/maps`, { method: 'PUT', body: JSON.stringify(map) });

  test('that does not fit the two systems is refused with all findings at once', async () => {
    const fields = [
      ...customers.fields,
      { finops: 'NoSuchProperty', dataverse: 'fax', direction: 'both' },
      { finops: 'SalesMemo', dataverse: 'nosuchcolumn', direction: 'both' },
    ];
    const response = await put({ ...customers, version: '1.0.0.1', fields });
    expect(response.status).toBe(422);
    const { detail, code } = await problemIn(response);
    expect(code).toBe('TW304');
    expect(detail).toContain('NoSuchProperty');
    expect(detail).toContain('nosuchcolumn');
  });

  test('that is no map is refused with every member that is wrong, and nothing is installed', async () => {
    const response = await put({ ...customers, version: 'newest', master: 'both', key: [] });
    expect(response.status).toBe(400);
    const { detail } = await problemIn(response);
    for (const member of ['version', 'master', 'key']) expect(detail).toContain(`${member}: `);
    const { maps } = (await (await fetch(`${scene.stack.appUrl}/api/v1/maps`)).json()) as {
      maps: { id: string; version: string }[];
    };
    expect(maps.find(({ id }) => id === customers.id)?.version).toBe(customers.version);
  });
});
