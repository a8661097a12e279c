import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { caller, companies, control, received, runServers, start, until } from './server-fixture.ts';

runServers();

/** Reads an event stream until it has so many events, and closes it. */
async function readEvents(url: string, count: number, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const response = await fetch(url, { headers, signal: stop.signal });
  const events: { id: number; side: string; columns: string[] }[] = [];
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, id, data] = /^id: (\d+)\ndata: (.*)$/s.exec(block) ?? [];
      if (data !== undefined) events.push({ id: Number(id), ...JSON.parse(data) });
    }
    if (events.length >= count) break;
  }
  stop.abort();
  return events;
}

describe('the stream of changes', () => {
  it('gives a listener that comes later what it does not know yet', async () => {
    const simulators = await start();
    const call = await caller(simulators);
    const stream = `${simulators.url}/sim/api/changes`;
    await call('POST', companies, { cdm_companycode: 'a', cdm_name: 'A' });
    await call('POST', companies, { cdm_companycode: 'b', cdm_name: 'B' });
    const all = await readEvents(`${stream}?after=0`, 2);
    expect(all.map(({ side }) => side)).toEqual(['dataverse', 'dataverse']);
    const [first, second] = all;
    const later = await readEvents(`${stream}?after=0`, 1, { 'last-event-id': String(first?.id) });
    expect(later.map(({ id }) => id)).toEqual([second?.id]);
  });

  it('leaves out the rows that were there from the start', async () => {
    const seed = { finops: [], dataverse: [{ table: 'cdm_company', rows: [{ cdm_companycode: 's', cdm_name: 'S' }] }] };
    const simulators = await start({ seed });
    const call = await caller(simulators);
    await call('POST', '/finops/data/Currencies', { CurrencyCode: 'USD', Name: 'US Dollar' });
    const [first] = await readEvents(`${simulators.url}/sim/api/changes?after=0`, 1);
    expect(first?.side).toBe('finops');
  });
});

describe('what the page asks', () => {
  it('is told how the app is, and that it does not answer', async () => {
    const app = createServer((request, response) => {
      response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify({ asked: request.url }));
    });
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const appUrl = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    const hook = `${appUrl}/api/ingress/dataverse`;
    const simulators = await start({ webhooks: { dataverseUrl: hook, finopsUrl: hook, key: 'k' } });
    expect(await (await control(simulators, 'GET', 'app-health')).json()).toMatchObject({
      appUrl,
      reachable: true,
      status: 503,
      health: { asked: '/api/health' },
    });
    app.closeAllConnections();
    await new Promise((resolve) => app.close(resolve));
    const nobody = { dataverseUrl: 'http://127.0.0.1:1/hook', finopsUrl: 'http://127.0.0.1:1/hook', key: 'k' };
    const alone = await start({ webhooks: nobody });
    expect(await (await control(alone, 'GET', 'app-health')).json()).toMatchObject({
      appUrl: 'http://127.0.0.1:1',
      reachable: false,
      reason: expect.any(String),
    });
  });

  it('can tell the app from a person in the changes of both sides', async () => {
    const simulators = await start();
    const users = (await (await control(simulators, 'GET', 'users')).json()) as Record<string, Record<string, string>>;
    const call = await caller(simulators);
    await call('POST', companies, { cdm_companycode: 'a', cdm_name: 'A' });
    await control(simulators, 'POST', 'rows/dataverse/cdm_company', { cdm_companycode: 'b', cdm_name: 'B' });
    await call('POST', '/finops/data/Currencies', { CurrencyCode: 'USD', Name: 'US Dollar' });
    await control(simulators, 'POST', 'rows/finops/Currencies', { CurrencyCode: 'EUR', Name: 'Euro' });
    const events = (await readEvents(`${simulators.url}/sim/api/changes?after=0`, 4)) as unknown as { by: string }[];
    const { dataverse, finops } = users;
    expect(events.map(({ by }) => by)).toEqual([
      dataverse?.['app'],
      dataverse?.['person'],
      finops?.['app'],
      finops?.['person'],
    ]);
  });
});

describe('a side that is offline', () => {
  it('sends no event until it is back', async () => {
    const simulators = await start();
    await control(simulators, 'PUT', 'faults', { side: 'dataverse', kind: 'offline' });
    await control(simulators, 'POST', 'rows/dataverse/cdm_company', { cdm_companycode: 'a', cdm_name: 'A' });
    await simulators.dataverse.webhooksIdle();
    expect(received.filter(({ url }) => url === '/dataverse')).toEqual([]);
    const counts = (await (await control(simulators, 'GET', 'counts')).json()) as Record<string, object>;
    expect(counts['dataverse']).toMatchObject({ webhooks: { sent: 1, failed: 1, delivered: 0 } });
    await control(simulators, 'PUT', 'faults', { side: 'dataverse', kind: 'off' });
    await control(simulators, 'POST', 'rows/dataverse/cdm_company', { cdm_companycode: 'b', cdm_name: 'B' });
    await until(() => received.filter(({ url }) => url === '/dataverse').length === 1);
  });
});

describe('the files of the page', () => {
  it('may load nothing but each other', async () => {
    const simulators = await start({ pageDirectory: `${import.meta.dirname}/../../../local/simulators/page` });
    const response = await fetch(`${simulators.url}/sim/`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'self';/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });
});
