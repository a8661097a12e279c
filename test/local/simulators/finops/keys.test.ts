import { beforeEach, describe, expect, test } from 'vitest';
import { createFixture, type Fixture, reason, seed } from './finops-fixture.ts';

// Facts: "Open Data Protocol (OData)" of the F&O docs, and "D365 F&O, OData, Slashes, Pluses, and Double Encoding".

let fixture: Fixture;

function groups(keyText: string): string {
  return `/data/CustomerGroups(${keyText})?cross-company=true`;
}

beforeEach(() => {
  fixture = createFixture();
  seed(
    fixture,
    'CustomerGroup',
    ...['10', "O'Neil", '105E11/74N', 'a\\b', 'a+b', '50%41', 'a:b'].map((CustomerGroupId) => ({
      dataAreaId: 'usmf',
      CustomerGroupId,
      Description: 'Group',
    })),
  );
});

describe('keys in the path', () => {
  test('named keys are taken in any order', async () => {
    expect((await fixture.send('GET', groups("CustomerGroupId='10',dataAreaId='usmf'"))).status).toBe(200);
  });

  test('a key list that is percent-encoded as a whole is accepted', async () => {
    const answer = await fixture.send('GET', groups('dataAreaId%3d%27usmf%27%2cCustomerGroupId%3d%2710%27'));
    expect(answer.json.CustomerGroupId).toBe('10');
  });

  test('keys are found without regard to letter case', async () => {
    expect((await fixture.send('GET', groups("dataAreaId='USMF',CustomerGroupId='o''NEIL'"))).status).toBe(200);
  });

  test('a quote in a value is doubled', async () => {
    expect((await fixture.send('GET', groups("dataAreaId='usmf',CustomerGroupId='O''Neil'"))).status).toBe(200);
    expect((await fixture.send('GET', groups("dataAreaId='usmf',CustomerGroupId='O'Neil'"))).status).toBe(400);
  });

  test.each([
    ['105E11%252F74N', '105E11/74N'],
    ['a%255Cb', 'a\\b'],
    ['a%252Bb', 'a+b'],
  ])('a separator encoded twice (%s) is found', async (encoded, value) => {
    const answer = await fixture.send('GET', groups(`dataAreaId='usmf',CustomerGroupId='${encoded}'`));
    expect(answer.json.CustomerGroupId).toBe(value);
  });

  test.each(['105E11%2F74N', 'a%5Cb', 'a%2Bb', 'a+b', '105E11/74N'])(
    'a separator that is not encoded twice (%s) gives the 404 of the web framework',
    async (encoded) => {
      const answer = await fixture.send('GET', groups(`dataAreaId='usmf',CustomerGroupId='${encoded}'`));
      expect(answer.status).toBe(404);
      expect(answer.json.Message).toMatch(/^No HTTP resource was found/);
      expect(answer.json.error).toBeUndefined();
    },
  );

  test('one encoding of a slash is enough in a filter', async () => {
    const filter = encodeURIComponent("CustomerGroupId eq '105E11/74N'");
    const answer = await fixture.send('GET', `/data/CustomerGroups?cross-company=true&$filter=${filter}`);
    expect(answer.json.value).toHaveLength(1);
  });

  test('part of the key is refused with the names of all of it', async () => {
    const answer = await fixture.send('GET', groups("CustomerGroupId='10'"));
    expect(answer.status).toBe(400);
    expect(reason(answer)).toBe('Only 1 of 2 keys provided for lookup, provide keys for dataAreaId,CustomerGroupId.');
  });

  test('an unknown key name and a repeated one are refused', async () => {
    expect((await fixture.send('GET', groups("dataAreaId='usmf',Group='10'"))).status).toBe(400);
    expect((await fixture.send('GET', groups("dataAreaId='usmf',dataAreaId='usmf'"))).status).toBe(400);
  });

  test('numbers stand bare and enumerations with their type', async () => {
    seed(fixture, 'JournalLine', { dataAreaId: 'usmf', LineNumber: 1.5, IsPosted: 'Yes', Text: 'x' });
    const enumKey = "IsPosted=Microsoft.Dynamics.DataEntities.NoYes'Yes'";
    const good = `/data/JournalLines(dataAreaId='usmf',LineNumber=1.50,${enumKey})?cross-company=true`;
    expect((await fixture.send('GET', good)).json.Text).toBe('x');
    const quoted = `/data/JournalLines(dataAreaId='usmf',LineNumber='1.5',${enumKey})?cross-company=true`;
    expect((await fixture.send('GET', quoted)).status).toBe(400);
    const bare = `/data/JournalLines(dataAreaId='usmf',LineNumber=1.5,IsPosted='Yes')?cross-company=true`;
    expect((await fixture.send('GET', bare)).status).toBe(400);
  });

  test('a single key may go unnamed', async () => {
    seed(fixture, 'Currency', { CurrencyCode: 'USD', Name: 'US dollar' });
    expect((await fixture.send('GET', "/data/Currencies('USD')")).json.Name).toBe('US dollar');
    expect((await fixture.send('GET', "/data/Currencies(CurrencyCode='USD')")).status).toBe(200);
  });

  test('set names are case-sensitive', async () => {
    expect((await fixture.send('GET', '/data/customergroups')).status).toBe(404);
    expect((await fixture.send('GET', '/data/Unknown')).json.Message).toContain('/finops/data/Unknown');
  });

  test('the Location of a created row leads back to it', async () => {
    for (const CustomerGroupId of ["x/y'z", 'p\\q', '5+6 %', 'Größe']) {
      const body = { dataAreaId: 'usmf', CustomerGroupId, Description: 'New' };
      const created = await fixture.send('POST', '/data/CustomerGroups', body);
      const path = String(created.headers['location']).replace('http://127.0.0.1:7080/finops', '');
      const answer = await fixture.send('GET', `${path}?cross-company=true`);
      expect(answer.json?.CustomerGroupId).toBe(CustomerGroupId);
    }
  });
});

describe('what is unproven about keys', () => {
  const onceEncoded = "dataAreaId='usmf',CustomerGroupId='50%2541'";

  test('a second decoding of every escape changes a value that holds a percent sign', async () => {
    expect((await fixture.send('GET', groups(onceEncoded))).status).toBe(404);
    const twice = groups("dataAreaId='usmf',CustomerGroupId='50%252541'");
    expect((await fixture.send('GET', twice)).json.CustomerGroupId).toBe('50%41');
  });

  test('a second decoding of the separators alone leaves it', async () => {
    fixture.simulator.setSwitches({ keyDecoding: 'separators' });
    expect((await fixture.send('GET', groups(onceEncoded))).json.CustomerGroupId).toBe('50%41');
    const slash = groups("dataAreaId='usmf',CustomerGroupId='105E11%252F74N'");
    expect((await fixture.send('GET', slash)).status).toBe(200);
  });

  test('punctuation is accepted, or refused as a dangerous path', async () => {
    const target = groups("dataAreaId='usmf',CustomerGroupId='a%3Ab'");
    expect((await fixture.send('GET', target)).status).toBe(200);
    fixture.simulator.setSwitches({ keyPunctuation: 'refused' });
    const refused = await fixture.send('GET', target);
    expect([refused.status, reason(refused)]).toEqual([400, expect.stringContaining('(:)')]);
  });
});
