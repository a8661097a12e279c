import { describe, expect, it } from 'vitest';
import { applicationUserId, interactiveUserId } from '../../../local/simulators/dataverse/request-context.ts';
import type { SimChange } from '../../../local/simulators/exchange.ts';
import { caller, companies, control, received, runServers, start, until } from './server-fixture.ts';

runServers();

describe('tokens', () => {
  it('lets in only calls with a token that was issued and has not expired', async () => {
    const simulators = await start();
    const call = await caller(simulators);
    for (const path of [companies, '/finops/data/CustomerGroups']) {
      expect((await fetch(simulators.url + path)).status).toBe(401);
      const wrong = await fetch(simulators.url + path, { headers: { authorization: 'Bearer guess' } });
      expect(wrong.headers.get('www-authenticate')).toContain('invalid_token');
      expect((await call('GET', path)).status).toBe(200);
    }
    await control(simulators, 'POST', 'tokens/expire');
    expect((await call('GET', companies)).status).toBe(401);
  });

  it('refuses another grant and a client without a secret', async () => {
    const { url } = await start();
    const post = (form: Record<string, string>) =>
      fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(form) });
    expect((await post({ grant_type: 'password' })).status).toBe(400);
    expect((await post({ grant_type: 'client_credentials', client_id: 'a' })).status).toBe(401);
    expect((await fetch(`${url}/token`)).status).toBe(405);
  });
});

describe('events', () => {
  it('posts Dataverse and F&O events to their addresses with the key', async () => {
    const simulators = await start();
    const call = await caller(simulators);
    await call('POST', `${companies}?tag=t`, { cdm_companycode: 'usmf', cdm_name: 'Contoso' });
    await call('POST', '/finops/data/LegalEntities', { LegalEntityId: 'usmf', Name: 'Contoso' });
    await until(() => received.some(({ url }) => url.startsWith('/dataverse')));
    const dataverse = received.find(({ url }) => url === '/dataverse');
    expect(dataverse?.key).toBe('secret');
    expect(dataverse?.body).toMatchObject({ MessageName: 'Create', PrimaryEntityName: 'cdm_company' });
    await until(() => received.some(({ url }) => url.startsWith('/finops')));
    expect(
      received.filter(({ url }) => url.startsWith('/finops')).every(({ url }) => url === '/finops?key=secret'),
    ).toBe(true);
  });

  it('streams changes of both sides as server-sent events', async () => {
    const simulators = await start();
    const stream = await fetch(`${simulators.url}/sim/api/changes`);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    await control(simulators, 'POST', 'rows/dataverse/cdm_company', { cdm_companycode: 'usmf', cdm_name: 'Contoso' });
    await control(simulators, 'POST', 'rows/finops/Currencies', { CurrencyCode: 'USD', Name: 'US Dollar' });
    let text = '';
    await expect
      .poll(async () => {
        text += (await reader?.read())?.value ?? '';
        return text.match(/^data: .*$/gm)?.length ?? 0;
      })
      .toBeGreaterThanOrEqual(2);
    await reader?.cancel();
    const changes = (text.match(/^data: .*$/gm) ?? []).map((line) => JSON.parse(line.slice(6)) as SimChange);
    expect(changes[0]).toMatchObject({
      side: 'dataverse',
      table: 'cdm_company',
      operation: 'create',
      by: interactiveUserId,
    });
    expect(changes[1]).toMatchObject({ side: 'finops', operation: 'create' });
    expect(interactiveUserId).not.toBe(applicationUserId);
  });
});

describe('the row API of the page', () => {
  it('reads and writes rows of both sides as a person, without a token', async () => {
    const simulators = await start();
    const created = await control(simulators, 'POST', 'rows/dataverse/cdm_company', {
      cdm_companycode: 'usmf',
      cdm_name: 'A',
    });
    expect(created.status).toBe(201);
    const { cdm_companyid: id } = (await created.json()) as { cdm_companyid: string };
    expect((await control(simulators, 'PATCH', `rows/dataverse/cdm_company/${id}`, { cdm_name: 'B' })).status).toBe(
      204,
    );
    const list = (await (await control(simulators, 'GET', 'rows/dataverse/cdm_company?$select=cdm_name')).json()) as {
      value: object[];
    };
    expect(list.value).toEqual([expect.objectContaining({ cdm_name: 'B' })]);
    expect((await control(simulators, 'DELETE', `rows/dataverse/cdm_company/${id}`)).status).toBe(204);
    expect((await control(simulators, 'PATCH', `rows/dataverse/cdm_company/${id}`, { cdm_name: 'C' })).status).toBe(
      404,
    );

    const currency = { CurrencyCode: 'USD', Name: 'US Dollar' };
    expect((await control(simulators, 'POST', 'rows/finops/Currencies', currency)).status).toBe(201);
    const key = "rows/finops/Currencies/CurrencyCode='USD'";
    expect((await control(simulators, 'PATCH', key, { Name: 'Dollar' })).status).toBeLessThan(300);
    expect(await (await control(simulators, 'GET', key)).json()).toMatchObject({ Name: 'Dollar' });
    expect((await control(simulators, 'DELETE', key)).status).toBeLessThan(300);
    expect((await control(simulators, 'GET', key)).status).toBe(404);
  });

  it('answers 404 and 405 for what it does not know', async () => {
    const simulators = await start();
    expect((await control(simulators, 'GET', 'rows/dataverse/asyncoperation')).status).toBe(200);
    expect((await control(simulators, 'GET', 'rows/dataverse/nosuch')).status).toBe(404);
    expect((await control(simulators, 'GET', 'rows/other/account')).status).toBe(404);
    expect((await control(simulators, 'PUT', 'rows/dataverse/account', {})).status).toBe(405);
    expect((await control(simulators, 'DELETE', 'rows/dataverse/account')).status).toBe(405);
    expect((await control(simulators, 'POST', 'rows/dataverse/account/1', {})).status).toBe(405);
    expect((await control(simulators, 'GET', 'nosuch')).status).toBe(404);
    expect((await fetch(`${simulators.url}/nosuch`)).status).toBe(404);
    const call = await caller(simulators);
    expect((await call('GET', '/dataverse/other')).status).toBe(404);
  });
});
