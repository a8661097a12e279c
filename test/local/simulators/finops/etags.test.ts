import { beforeEach, describe, expect, test } from 'vitest';
import { createFixture, type Fixture, reason, seed } from './finops-fixture.ts';

// Facts: etags decoded from more than ten captured answers; the answer to a stale If-Match is unproven.

let fixture: Fixture;
const row = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C1')?cross-company=true";

beforeEach(() => {
  fixture = createFixture();
  seed(fixture, 'CustomerV3', { dataAreaId: 'usmf', CustomerAccount: 'C1', OrganizationName: 'Contoso' });
});

async function etag(): Promise<string> {
  return (await fixture.send('GET', row)).json['@odata.etag'];
}

function decoded(tag: string): string[] {
  const text = Buffer.from(tag.replace(/^W\/"|"$/g, ''), 'base64').toString();
  return text.replace(/^'|'$/g, '').split(';');
}

describe('the etag', () => {
  test('lists RecVersion and RecId of each table, and zeros for an outer joined one that is empty', async () => {
    expect(decoded(await etag())).toEqual(['1,5637144576', '1,5637144576', '0,0']);
  });

  test('changes only the number of the table that changed', async () => {
    const [customer, party] = decoded(await etag());
    await fixture.send('PATCH', row, { OrganizationName: 'Fabrikam' });
    const after = decoded(await etag());
    expect(after[0]).toBe(customer);
    expect(after[1]).not.toBe(party);
    expect(after[1]).toMatch(/^\d+,5637144576$/);
  });

  test('shows an outer joined table from its first value on', async () => {
    await fixture.send('PATCH', row, { AddressCity: 'Bern' });
    expect(decoded(await etag())[2]).toBe('1,5637144576');
  });

  test('is also there when only the keys are selected', async () => {
    const answer = await fixture.send('GET', '/data/CustomersV3?cross-company=true&$select=CustomerAccount');
    expect(answer.json.value).toEqual([{ '@odata.etag': await etag(), CustomerAccount: 'C1' }]);
  });

  test('is the same in the header', async () => {
    const answer = await fixture.send('GET', row);
    expect(answer.headers['etag']).toBe(answer.json['@odata.etag']);
  });
});

describe('an update that changes nothing', () => {
  const body = { OrganizationName: 'Contoso' };

  test('leaves no trace, or a new etag, by switch', async () => {
    const before = await etag();
    await fixture.send('PATCH', row, body);
    expect(await etag()).toBe(before);
    fixture.simulator.setSwitches({ unchangedUpdate: 'etag' });
    await fixture.send('PATCH', row, body);
    expect(await etag()).not.toBe(before);
  });
});

describe('If-Match', () => {
  async function patchWith(tag: string): Promise<[number, string]> {
    const answer = await fixture.send('PATCH', row, { CreditLimit: 9 }, { 'if-match': tag });
    return [answer.status, answer.text === '' ? '' : reason(answer)];
  }

  test('of the current row, or any row, lets the write through', async () => {
    expect(await patchWith(await etag())).toEqual([204, '']);
    expect(await patchWith('*')).toEqual([204, '']);
  });

  test('of an older row is refused with 412 and writes nothing', async () => {
    const before = await etag();
    await fixture.send('PATCH', row, { CreditLimit: 1 });
    expect((await patchWith(before))[0]).toBe(412);
    expect((await fixture.send('GET', row)).json.CreditLimit).toBe(1);
    expect((await fixture.send('DELETE', row, undefined, { 'if-match': before })).status).toBe(412);
  });

  test.each([
    ['conflict-400', 400],
    ['conflict-500', 500],
  ] as const)('or is an update conflict (%s)', async (ifMatch, status) => {
    fixture.simulator.setSwitches({ ifMatch });
    const [given, message] = await patchWith('W/"old"');
    expect(given).toBe(status);
    expect(message).toMatch(/^An update conflict occurred due to another user process/);
  });

  test('or is not looked at', async () => {
    fixture.simulator.setSwitches({ ifMatch: 'ignored' });
    expect((await patchWith('W/"old"'))[0]).toBe(204);
  });
});
