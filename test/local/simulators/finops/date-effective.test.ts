import { expect, test } from 'vitest';
import type { EntityMetadata } from '../../../../local/simulators/finops/metadata.ts';
import { createFixture, seed } from './finops-fixture.ts';

// Facts: date effective entities show the rows valid now unless a query asks for the validity itself.

const exchangeRate: EntityMetadata = {
  name: 'ExchangeRate',
  entitySetName: 'ExchangeRates',
  aotName: 'ExchangeRateEntity',
  companySpecific: false,
  validTimeState: { from: 'ValidFrom', to: 'ValidTo' },
  fields: [
    { name: 'RateId', type: 'String', maxLength: 10, isKey: true },
    { name: 'ValidFrom', type: 'UtcDateTime' },
    { name: 'ValidTo', type: 'UtcDateTime' },
  ],
};

test('only rows valid now are shown, unless the filter names the validity fields', async () => {
  const fixture = createFixture({ entities: [exchangeRate] });
  seed(
    fixture,
    'ExchangeRate',
    { RateId: 'past', ValidFrom: '2020-01-01T00:00:00Z', ValidTo: '2020-12-31T23:59:59Z' },
    { RateId: 'now', ValidFrom: '2021-01-01T00:00:00Z', ValidTo: '2154-12-31T23:59:59Z' },
    { RateId: 'open', ValidFrom: '2021-01-01T00:00:00Z' },
    { RateId: 'future', ValidFrom: '2030-01-01T00:00:00Z', ValidTo: '2154-12-31T23:59:59Z' },
  );
  const ids = async (query: string): Promise<string[]> => {
    const { json } = await fixture.send('GET', `/data/ExchangeRates?${query}`);
    return json.value.map((row: { RateId: string }) => row.RateId);
  };
  expect(await ids('')).toEqual(['now', 'open']);
  expect(await ids('$filter=ValidFrom gt 1900-01-01T00:00:00Z')).toEqual(['past', 'now', 'open', 'future']);
});
