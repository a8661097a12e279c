import { beforeEach, describe, expect, test } from 'vitest';
import { createFixture, type Fixture, reason, seed } from './finops-fixture.ts';

// Facts: value forms of captured F&O answers; "Open Data Protocol (OData)" for enumerations.

let fixture: Fixture;
const row = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C1')?cross-company=true";

beforeEach(() => {
  fixture = createFixture();
  seed(fixture, 'CustomerV3', { dataAreaId: 'usmf', CustomerAccount: 'C1' });
});

/** Writes a JSON fragment and gives back the text of the same member as it is read. */
async function writeAndRead(name: string, fragment: string): Promise<string> {
  const written = await fixture.send('PATCH', row, `{"${name}":${fragment}}`);
  if (written.status !== 204) {
    return `${written.status} ${reason(written)}`;
  }
  const { text } = await fixture.send('GET', row);
  return new RegExp(`"${name}":("[^"]*"|[^,}]*)`).exec(text)?.[1] ?? 'missing';
}

describe('an untouched row', () => {
  test('shows every field with its empty value and no null', async () => {
    expect((await fixture.send('GET', row)).json).toMatchObject({
      OrganizationName: '',
      CreditLimit: 0,
      CreditRatingDate: '1900-01-01T12:00:00Z',
      LastCheckedDateTime: '1900-01-01T00:00:00Z',
      OnHoldStatus: 'No',
      ExternalRecId: 0,
      Priority: 0,
      IntegrationId: '00000000-0000-0000-0000-000000000000',
    });
  });
});

describe('values', () => {
  test.each([
    ['CreditLimit', '12345678901234567890.123456', '12345678901234567890.123456'],
    ['CreditLimit', '0.10', '0.1'],
    ['CreditLimit', '1e3', '1000'],
    ['CreditLimit', '-0.0', '0'],
    ['CreditLimit', '1.0000005', '1.000001'],
    ['ExternalRecId', '9223372036854775807', '9223372036854775807'],
    ['Priority', '-2147483648', '-2147483648'],
    ['CreditRatingDate', '"2015-01-15T12:00:00Z"', '"2015-01-15T12:00:00Z"'],
    ['CreditRatingDate', '"2015-01-15T00:00:00Z"', '"2015-01-15T12:00:00Z"'],
    ['CreditRatingDate', '"1900-01-01T00:00:00Z"', '"1900-01-01T12:00:00Z"'],
    ['CreditRatingDate', 'null', '"1900-01-01T12:00:00Z"'],
    ['LastCheckedDateTime', '"2015-01-15T16:26:20.987Z"', '"2015-01-15T16:26:20Z"'],
    ['LastCheckedDateTime', '"2015-01-15T16:26:20+02:00"', '"2015-01-15T14:26:20Z"'],
    ['LastCheckedDateTime', '"2154-12-31T23:59:59Z"', '"2154-12-31T23:59:59Z"'],
    ['OnHoldStatus', '"All"', '"All"'],
    ['OnHoldStatus', 'null', '"No"'],
    ['IntegrationId', '"A0B1C2D3-0000-4000-8000-00000000ABCD"', '"a0b1c2d3-0000-4000-8000-00000000abcd"'],
    ['OrganizationName', 'null', '""'],
    ['OrganizationName', '"Größe  "', '"Größe"'],
  ])('%s written as %s is read as %s', async (name, written, read) => {
    expect(await writeAndRead(name, written)).toBe(read);
  });

  test.each([
    ['CreditLimit', '"12.5"'],
    ['CreditLimit', '1e26'],
    ['ExternalRecId', '9223372036854775808'],
    ['ExternalRecId', '1.5'],
    ['Priority', '2147483648'],
    ['CreditRatingDate', '"2015-01-15"'],
    ['LastCheckedDateTime', '"2015-01-15T16:26:20"'],
    ['LastCheckedDateTime', '"2155-01-01T00:00:00Z"'],
    ['OnHoldStatus', '"Everything"'],
    ['OnHoldStatus', '"all"'],
    ['OnHoldStatus', '2'],
    ['OnHoldStatus', 'true'],
    ['IntegrationId', '"{A0B1C2D3}"'],
    ['OrganizationName', '7'],
  ])('%s written as %s is refused', async (name, written) => {
    expect(await writeAndRead(name, written)).toMatch(/^400 /);
  });
});

describe('what is unproven about values', () => {
  test('null is the empty value, or refused for all but strings', async () => {
    fixture.simulator.setSwitches({ nullValues: 'refused' });
    expect(await writeAndRead('CreditRatingDate', 'null')).toMatch(/^400 A null value/);
    expect(await writeAndRead('OrganizationName', 'null')).toBe('""');
  });

  test('a string that is too long is refused, or cut', async () => {
    const long = 'x'.repeat(61);
    expect(await writeAndRead('AddressCity', `"${long}"`)).toContain('maximum length of 60');
    fixture.simulator.setSwitches({ longStrings: 'truncated' });
    expect(await writeAndRead('AddressCity', `"${long}"`)).toBe(`"${'x'.repeat(60)}"`);
  });

  test('trailing blanks are trimmed, or kept', async () => {
    fixture.simulator.setSwitches({ trailingBlanks: 'kept' });
    expect(await writeAndRead('AddressCity', '"Bern  "')).toBe('"Bern  "');
  });

  test('a date that is not sent as noon falls on the day of the user', async () => {
    fixture.simulator.setSwitches({ timeZoneOffsetMinutes: -480 });
    expect(await writeAndRead('CreditRatingDate', '"2015-01-15T00:00:00Z"')).toBe('"2015-01-14T12:00:00Z"');
    expect(await writeAndRead('CreditRatingDate', '"2015-01-15T12:00:00Z"')).toBe('"2015-01-15T12:00:00Z"');
  });
});

describe('extensions', () => {
  test('alter what is written, on create and on update', async () => {
    fixture.simulator.setExtensions({
      CustomerV3: { CreditLimit: { round: 2 }, OrganizationName: 'upper-case', AddressCity: 'collapse-blanks' },
    });
    const body = { dataAreaId: 'usmf', CustomerAccount: 'C2', CreditLimit: 1.005, OrganizationName: 'Contoso' };
    const created = await fixture.send('POST', '/data/CustomersV3', body);
    expect(created.json).toMatchObject({ CreditLimit: 1.01, OrganizationName: 'CONTOSO' });
    expect(await writeAndRead('AddressCity', '" New   York"')).toBe('"New York"');
    fixture.simulator.setExtensions({ CustomerV3: { OrganizationName: 'lower-case' } });
    expect(await writeAndRead('OrganizationName', '"Fabrikam"')).toBe('"fabrikam"');
  });
});
