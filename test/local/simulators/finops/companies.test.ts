import { beforeEach, describe, expect, test } from 'vitest';
import { plainUser } from '../../../../local/simulators/finops/access.ts';
import { createFixture, type Fixture, reason, seed } from './finops-fixture.ts';

// Facts: "Cross-company behavior" and "Open Data Protocol (OData)" of the F&O docs.

let fixture: Fixture;
const usmf = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C1')";
const dat = "/data/CustomersV3(dataAreaId='dat',CustomerAccount='C1')";

beforeEach(() => {
  fixture = createFixture();
  seed(
    fixture,
    'CustomerV3',
    { dataAreaId: 'usmf', CustomerAccount: 'C1' },
    { dataAreaId: 'dat', CustomerAccount: 'C1' },
    { dataAreaId: 'demf', CustomerAccount: 'C2' },
  );
  seed(fixture, 'Currency', { CurrencyCode: 'EUR', Name: 'Euro' });
});

async function companies(query: string, headers: Record<string, string> = {}): Promise<string[]> {
  const answer = await fixture.send('GET', `/data/CustomersV3?${query}`, undefined, headers);
  return answer.json.value.map((row: { dataAreaId: string }) => row.dataAreaId);
}

describe('without cross-company=true', () => {
  test('a read shows the default company alone, whatever the filter says', async () => {
    expect(await companies('')).toEqual(['dat']);
    expect(await companies("$filter=dataAreaId eq 'usmf'")).toEqual([]);
    expect((await fixture.send('GET', '/data/CustomersV3/$count')).text).toBe('1');
  });

  test('a row of another company is not found, and not updated or deleted with the very same message', async () => {
    expect((await fixture.send('GET', usmf)).status).toBe(404);
    for (const [method, body] of [['PATCH', { CreditLimit: 1 }], ['PUT', { CreditLimit: 1 }], ['DELETE']] as const) {
      const answer = await fixture.send(method, usmf, body);
      expect([answer.status, reason(answer)]).toEqual([400, 'No resources were found when selecting for update.']);
    }
    expect((await fixture.send('PATCH', dat, { CreditLimit: 1 })).status).toBe(204);
  });

  test('a shared entity is seen all the same', async () => {
    expect((await fixture.send('GET', "/data/Currencies('EUR')")).status).toBe(200);
  });

  test('the default company is that of the user', async () => {
    fixture.simulator.setUser({ ...plainUser('anna'), defaultCompany: 'DEMF' });
    expect(await companies('', { 'x-sim-user': 'anna' })).toEqual(['demf']);
    const body = { CustomerAccount: 'C9' };
    const created = await fixture.send('POST', '/data/CustomersV3', body, { 'x-sim-user': 'anna' });
    expect(created.json.dataAreaId).toBe('demf');
  });
});

describe('with cross-company=true', () => {
  test('every company is seen and can be written', async () => {
    expect(await companies('cross-company=true')).toEqual(['usmf', 'dat', 'demf']);
    expect((await fixture.send('PATCH', `${usmf}?cross-company=true`, { CreditLimit: 1 })).status).toBe(204);
    expect((await fixture.send('DELETE', `${usmf}?cross-company=true`)).status).toBe(204);
  });
});

describe('roles', () => {
  beforeEach(() => {
    fixture.simulator.setUser({
      ...plainUser('integration'),
      hiddenCompanies: ['usmf'],
      refused: { delete: ['CustomerV3'], read: ['Currency'] },
    });
  });

  test('a company out of reach looks empty, and a row cannot be put into it', async () => {
    expect(await companies('cross-company=true')).toEqual(['dat', 'demf']);
    expect((await fixture.send('PATCH', `${usmf}?cross-company=true`, { CreditLimit: 1 })).status).toBe(400);
    const created = await fixture.send('POST', '/data/CustomersV3', { dataAreaId: 'usmf', CustomerAccount: 'C3' });
    expect(created.status).toBe(403);
  });

  test('an operation without privilege is 403 and changes nothing', async () => {
    const refused = await fixture.send('DELETE', dat);
    expect([refused.status, reason(refused)]).toEqual([403, expect.stringContaining('Access denied')]);
    expect((await fixture.send('GET', dat)).status).toBe(200);
    expect((await fixture.send('GET', "/data/Currencies('EUR')")).status).toBe(403);
    expect((await fixture.send('GET', '/data/Currencies')).status).toBe(403);
  });
});
