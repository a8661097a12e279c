import { describe, expect, it } from 'vitest';
import { mapOrder } from '../../../../shared/core/map/map-order.ts';
import type { TableMap } from '../../../../shared/core/map/table-map.ts';
import { smallTableMap } from '../small-world.ts';

function mapOf(table: string, key: string, ...lookups: string[]): TableMap {
  const fields = [key, ...lookups].map((dataverse) => ({ finops: dataverse, dataverse, direction: 'both' as const }));
  const map = smallTableMap();
  return {
    ...map,
    id: `map-${table}`,
    dataverse: { table, filter: null },
    key: [{ finops: key, dataverse: key }],
    fields,
  };
}

describe('the order of maps', () => {
  it('puts a map after those that its lookups lead to', () => {
    const maps = [
      mapOf('contoso_line', 'linenumber', 'contoso_headerid.headernumber'),
      mapOf('contoso_header', 'headernumber', 'contoso_groupid.contoso_name'),
      mapOf('contoso_group', 'contoso_name'),
      mapOf('contoso_other', 'contoso_name'),
    ];
    expect(mapOrder(maps)).toEqual({
      stages: [['map-contoso_group', 'map-contoso_other'], ['map-contoso_header'], ['map-contoso_line']],
      cycles: [],
    });
  });

  it('names rings and tables that refer to themselves, and orders the rest around them', () => {
    const maps = [
      mapOf('account', 'accountnumber', 'parentaccountid.accountnumber', 'primarycontactid.contactnumber'),
      mapOf('contact', 'contactnumber', 'accountid.accountnumber'),
      mapOf('warehouse', 'warehousecode', 'refillid.warehousecode'),
      mapOf('order', 'ordernumber', 'customerid.account(accountnumber).contact(contactnumber)'),
    ];
    expect(mapOrder(maps)).toEqual({
      stages: [['map-account', 'map-contact', 'map-warehouse'], ['map-order']],
      cycles: [['account', 'contact'], ['warehouse']],
    });
  });

  it('believes metadata more than names', () => {
    const maps = [mapOf('a', 'number', 'bid.code'), mapOf('b', 'code'), mapOf('c', 'code')];
    expect(mapOrder(maps, () => ['c']).stages).toEqual([['map-b', 'map-c'], ['map-a']]);
    expect(mapOrder(maps, () => []).stages).toEqual([['map-a', 'map-b', 'map-c']]);
  });
});
