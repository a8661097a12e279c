import { beforeEach, describe, expect, test } from 'vitest';
import { createFixture, type Fixture, reason, seed } from './finops-fixture.ts';

// Facts: "Open Data Protocol (OData)" of the F&O docs: operators, wildcards, enumeration literals, page size.

let fixture: Fixture;

beforeEach(() => {
  fixture = createFixture();
  const named = (CustomerAccount: string, OrganizationName: string, rest: Record<string, unknown>) => ({
    dataAreaId: 'usmf',
    CustomerAccount,
    OrganizationName,
    ...rest,
  });
  seed(
    fixture,
    'CustomerV3',
    named('C1', 'Contoso Retail', { CreditLimit: 10.5, Priority: 3, CreditRatingDate: '2020-05-01T12:00:00Z' }),
    named('C2', 'fabrikam', { CreditLimit: 2, Priority: 2, OnHoldStatus: 'All' }),
    named('C3', 'Adventure', { CreditLimit: 100, Priority: 2, LastCheckedDateTime: '2021-01-01T10:00:00Z' }),
  );
});

function target(options: Record<string, string>): string {
  const query = Object.entries(options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `/data/CustomersV3?cross-company=true&${query.join('&')}`;
}

async function accounts(options: Record<string, string>): Promise<string> {
  const answer = await fixture.send('GET', target(options));
  return answer.status === 200
    ? answer.json.value.map((row: { CustomerAccount: string }) => row.CustomerAccount).join(' ')
    : `${answer.status} ${reason(answer)}`;
}

describe('$filter', () => {
  test.each([
    ["CustomerAccount eq 'c2'", 'C2'],
    ["CustomerAccount ne 'C2'", 'C1 C3'],
    ["CustomerAccount gt 'C1' and CustomerAccount le 'C3'", 'C2 C3'],
    ["OrganizationName eq '*retail*'", 'C1'],
    ["OrganizationName ne '*a*'", ''],
    ["OrganizationName eq 'f*'", 'C2'],
    ['CreditLimit gt 10', 'C1 C3'],
    ['CreditLimit ge 10.500', 'C1 C3'],
    ['10 lt CreditLimit', 'C1 C3'],
    ['CreditLimit add Priority eq 4', 'C2'],
    ['(CreditLimit sub 1) mul 2 eq 19', 'C1'],
    ['CreditLimit div 4 eq 25 or Priority mod 2 eq 1', 'C1 C3'],
    ['CreditLimit div 0 eq 1', ''],
    ['CreditLimit eq Priority', 'C2'],
    ["OnHoldStatus eq Microsoft.Dynamics.DataEntities.CustVendorBlocked'All'", 'C2'],
    ["OnHoldStatus ne Microsoft.Dynamics.DataEntities.CustVendorBlocked'All'", 'C1 C3'],
    ["not (Priority eq 2) or (CustomerAccount eq 'C3')", 'C1 C3'],
    ["Priority eq 2 and (CustomerAccount eq 'C1' or CustomerAccount eq 'C3')", 'C3'],
    ["Priority eq 3 or Priority eq 2 and CustomerAccount eq 'C3'", 'C1 C3'],
    ['CreditRatingDate eq 2020-05-01T12:00:00Z', 'C1'],
    ['CreditRatingDate eq 1900-01-01T12:00:00Z', 'C2 C3'],
    ['LastCheckedDateTime gt 2020-01-01T00:00:00Z', 'C3'],
    ['IntegrationId eq 00000000-0000-0000-0000-000000000000', 'C1 C2 C3'],
    ['AddressCity eq null', 'C1 C2 C3'],
  ])('%s gives [%s]', async ($filter, expected) => {
    expect(await accounts({ $filter })).toBe(expected);
  });

  test.each([
    "CustomerAccount in ('C1','C2')",
    "OnHoldStatus has Microsoft.Dynamics.DataEntities.CustVendorBlocked'All'",
    "contains(OrganizationName,'retail')",
    "startswith(OrganizationName,'C')",
    "OnHoldStatus eq 'All'",
    "OnHoldStatus eq Microsoft.Dynamics.DataEntities.NoYes'Yes'",
    "OnHoldStatus gt Microsoft.Dynamics.DataEntities.CustVendorBlocked'No'",
    "Colour eq 'red'",
    "CreditLimit eq '10'",
    'OrganizationName eq 10',
    'OrganizationName add 1 eq 2',
    'OrganizationName eq Priority',
    "CreditRatingDate eq '2020-05-01'",
    'CreditRatingDate eq 2020-05-01',
    "CustomerAccount eq 'C1' and",
    "(CustomerAccount eq 'C1'",
    "CustomerAccount = 'C1'",
    "CustomerAccount eq 'C1",
    '',
  ])('%s is refused with 400', async ($filter) => {
    expect(await accounts({ $filter })).toMatch(/^400 /);
  });
});

describe('other options', () => {
  test('$orderby sorts by several fields, text without regard to case', async () => {
    expect(await accounts({ $orderby: 'OrganizationName' })).toBe('C3 C1 C2');
    expect(await accounts({ $orderby: 'Priority desc, CreditLimit desc' })).toBe('C1 C3 C2');
    expect(await accounts({ $orderby: 'CreditLimit asc' })).toBe('C2 C1 C3');
  });

  test('$top and $skip cut, $count counts what the filter keeps', async () => {
    const answer = await fixture.send(
      'GET',
      target({ $filter: 'Priority eq 2', $top: '1', $skip: '1', $count: 'true' }),
    );
    expect(answer.json['@odata.count']).toBe(2);
    expect(answer.json.value.map((row: { CustomerAccount: string }) => row.CustomerAccount)).toEqual(['C3']);
    expect(answer.json['@odata.nextLink']).toBeUndefined();
    expect((await fixture.send('GET', '/data/CustomersV3/$count?cross-company=true')).text).toBe('3');
  });

  test.each([
    { $top: '-1' },
    { $top: 'x' },
    { $skip: '1.5' },
    { $select: 'Colour' },
    { $orderby: 'Colour' },
    { $orderby: 'Priority down' },
    { $expand: 'CustomerGroup' },
    { $expand: 'CustomerGroupId' },
    { $search: 'x' },
    { $apply: 'x' },
  ])('%o is refused with 400', async (options) => {
    expect(await accounts(options as unknown as Record<string, string>)).toMatch(/^400 /);
  });
});

describe('paging', () => {
  async function pages(first: string): Promise<string[]> {
    const found: string[] = [];
    let next: string | undefined = first;
    while (next !== undefined) {
      const { json } = await fixture.send('GET', next);
      found.push(json.value.map((row: { CustomerAccount: string }) => row.CustomerAccount).join(' '));
      next = json['@odata.nextLink']?.replace('http://127.0.0.1:7080/finops', '');
    }
    return found;
  }

  beforeEach(() => fixture.simulator.setSwitches({ pageSize: 1 }));

  test('follows next links to the end and keeps the options', async () => {
    const options = { $filter: 'Priority eq 2', $orderby: 'CustomerAccount desc', $select: 'CustomerAccount' };
    expect(await pages(target(options))).toEqual(['C3', 'C2']);
  });

  test('is cut by $top', async () => {
    expect(await pages(target({ $top: '2' }))).toEqual(['C1', 'C2']);
  });

  test('goes by offset, so a row that is deleted meanwhile makes another one be skipped', async () => {
    const first = await fixture.send('GET', target({}));
    await fixture.send('DELETE', "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C1')?cross-company=true");
    const link = String(first.json['@odata.nextLink']);
    expect(link).toMatch(/\$skip=1$|%24skip=1/);
    expect(await pages(link.replace('http://127.0.0.1:7080/finops', ''))).toEqual(['C3']);
  });

  test('may use $skiptoken and another host, by switch', async () => {
    fixture.simulator.setSwitches({ nextLink: 'skiptoken', nextLinkHost: 'inner.example:443' });
    const first = await fixture.send('GET', target({}));
    expect(first.json['@odata.nextLink']).toMatch(/^http:\/\/inner\.example:443\/finops\/data\/.*skiptoken=1/);
    fixture.simulator.setSwitches({ nextLinkHost: null });
    expect(await pages(target({}))).toEqual(['C1', 'C2', 'C3']);
  });
});

describe('many rows', () => {
  const rows = Array.from({ length: 500 }, (_, index) => ({
    dataAreaId: index % 2 === 0 ? 'usmf' : 'demf',
    CustomerAccount: `K${String((index * 7) % 500).padStart(3, '0')}`,
    Priority: (index * 13) % 10,
  }));

  beforeEach(() => seed(fixture, 'CustomerV3', ...rows));

  async function keys(options: Record<string, string>): Promise<string[]> {
    const { json } = await fixture.send('GET', target(options));
    return json.value.map((row: Record<string, string>) => `${row['dataAreaId']} ${row['CustomerAccount']}`);
  }

  test('a filter that names whole keys finds the same rows as one that does not', async () => {
    const terms = ['K007', 'k014', 'K021', 'none'].map((account) => `CustomerAccount eq '${account}'`).join(' or ');
    const keyed = await keys({ $filter: `dataAreaId eq 'USMF' and (${terms}) or dataAreaId eq 'demf' and (${terms})` });
    expect(keyed).toEqual(await keys({ $filter: terms }));
    expect(keyed).toHaveLength(3);
    expect(await keys({ $filter: `dataAreaId eq 'usmf' and CustomerAccount eq 'K014' and Priority eq 99` })).toEqual(
      [],
    );
    expect(await keys({ $filter: `not (dataAreaId eq 'usmf' and CustomerAccount eq 'K014')` })).toHaveLength(502);
  });

  test('the first rows of an order are those of the whole order', async () => {
    const all = await keys({ $orderby: 'Priority desc,CustomerAccount' });
    expect(all).toHaveLength(503);
    for (const [$skip, $top] of [
      ['0', '5'],
      ['3', '1'],
      ['100', '150'],
      ['500', '10'],
      ['600', '10'],
      ['0', '0'],
    ] as const) {
      const some = await keys({ $orderby: 'Priority desc,CustomerAccount', $skip, $top });
      expect(some).toEqual(all.slice(Number($skip), Number($skip) + Number($top)));
    }
  });
});
