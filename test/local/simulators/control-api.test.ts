import { describe, expect, it } from 'vitest';
import { caller, companies, control, received, runServers, start, tokenOf } from './server-fixture.ts';

runServers();

describe('the fault plan', () => {
  it('throttles with a growing Retry-After for as many calls as it was told', async () => {
    const simulators = await start();
    const call = await caller(simulators);
    await control(simulators, 'PUT', 'faults', { side: 'dataverse', kind: 'throttle-429', count: 2 });
    const answers = [await call('GET', companies), await call('GET', companies), await call('GET', companies)];
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 200]);
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual(['1', '2', null]);
    expect((await call('GET', '/finops/data/Currencies')).status).toBe(200);
  });

  it('goes offline, answers 503 and comes back', async () => {
    const simulators = await start();
    const call = await caller(simulators);
    await control(simulators, 'PUT', 'faults', { side: 'finops', kind: 'offline' });
    await expect(call('GET', '/finops/data/Currencies')).rejects.toThrow();
    await control(simulators, 'PUT', 'faults', { side: 'finops', kind: 'off' });
    await control(simulators, 'PUT', 'faults', { side: 'finops', kind: 'unavailable-503', probability: 1 });
    expect((await call('GET', '/finops/data/Currencies')).status).toBe(503);
    const off = await control(simulators, 'PUT', 'faults', { side: 'finops', kind: 'off' });
    expect(await off.json()).toEqual({ dataverse: [], finops: [] });
    expect((await call('GET', '/finops/data/Currencies')).status).toBe(200);
  });

  it('commits a write and breaks the connection, and leaves reads alone', async () => {
    const simulators = await start();
    const call = await caller(simulators);
    await control(simulators, 'PUT', 'faults', { side: 'dataverse', kind: 'commit-then-timeout', count: 1 });
    expect((await call('GET', companies)).status).toBe(200);
    await expect(call('POST', companies, { cdm_companycode: 'usmf', cdm_name: 'A' })).rejects.toThrow();
    const { value } = (await (await call('GET', companies)).json()) as { value: object[] };
    expect(value).toHaveLength(1);
  });

  it('slows calls down, loses events and posts them twice', async () => {
    const simulators = await start();
    const call = await caller(simulators);
    await control(simulators, 'PUT', 'faults', { side: 'dataverse', kind: 'slow', delayMs: 60, count: 1 });
    const begin = performance.now();
    await call('GET', companies);
    expect(performance.now() - begin).toBeGreaterThan(55);
    await control(simulators, 'PUT', 'faults', { side: 'dataverse', kind: 'lost-webhook', count: 1 });
    await control(simulators, 'PUT', 'faults', { side: 'dataverse', kind: 'duplicate-webhook', count: 1 });
    await call('POST', companies, { cdm_companycode: 'a', cdm_name: 'lost' });
    await call('POST', companies, { cdm_companycode: 'b', cdm_name: 'twice' });
    await simulators.dataverse.webhooksIdle();
    const events = received.filter(({ url }) => url === '/dataverse');
    expect(events).toHaveLength(2);
    expect(new Set(events.map(({ body }) => body.OperationId)).size).toBe(1);
  });

  it.each([
    { side: 'x', kind: 'off' },
    { side: 'finops', kind: 'meteor' },
    { side: 'finops', kind: 'slow', probability: 2 },
    { side: 'finops', kind: 'slow', count: 0 },
  ])('refuses the plan %j', async (plan) => {
    expect((await control(await start(), 'PUT', 'faults', plan)).status).toBe(400);
  });
});

describe('counts and switches', () => {
  it('counts calls, batch parts, writes per row and events since the mark', async () => {
    const simulators = await start();
    const call = await caller(simulators);
    await call('GET', companies);
    await control(simulators, 'POST', 'counts/mark');
    const created = await call(
      'POST',
      companies,
      { cdm_companycode: 'usmf', cdm_name: 'A' },
      { prefer: 'return=representation' },
    );
    const { cdm_companyid: id } = (await created.json()) as { cdm_companyid: string };
    await call('PATCH', `${companies}(${id})`, { cdm_name: 'B' });
    const part = 'Content-Type: application/http\r\n\r\nGET WhoAmI HTTP/1.1\r\n\r\n\r\n';
    await fetch(`${simulators.url}/dataverse/api/data/v9.2/$batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenOf(simulators)}`, 'content-type': 'multipart/mixed; boundary=b' },
      body: `--b\r\n${part}--b\r\n${part}--b--\r\n`,
    });
    await simulators.dataverse.webhooksIdle();
    const counts = (await (await control(simulators, 'GET', 'counts?rows=true')).json()) as Record<
      string,
      Record<string, unknown>
    >;
    expect(counts['dataverse']).toMatchObject({
      calls: 3,
      byVerb: { POST: 1, PATCH: 1, $batch: 1 },
      byStatus: { 201: 1, 204: 1, 200: 1 },
      batchParts: 2,
      writes: 2,
      rowsWritten: 1,
      mostWritesOfOneRow: 2,
      writesPerRow: { [`cdm_company/${id}`]: 2 },
      webhooks: { sent: 2, delivered: 2, lost: 0 },
    });
    expect(counts['finops']).toMatchObject({ calls: 0 });
  });

  it('changes switches while it runs and refuses unknown ones', async () => {
    const simulators = await start();
    expect((await control(simulators, 'PUT', 'switches/dataverse', { splitStateEvents: false })).status).toBe(200);
    expect(simulators.dataverse.switches.splitStateEvents).toBe(false);
    expect((await control(simulators, 'PUT', 'switches/finops', { pageSize: 5 })).status).toBe(200);
    expect(simulators.finops.switches.pageSize).toBe(5);
    expect((await control(simulators, 'PUT', 'switches/dataverse', { nosuch: 1 })).status).toBe(400);
  });
});
