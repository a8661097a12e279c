import { describe, expect, it } from 'vitest';
import { isLookup, parseLookupPath } from '../../../../shared/core/map/lookup-path.ts';

describe('parseLookupPath', () => {
  it('reads a plain column', () => {
    expect(parseLookupPath('name')).toEqual({ hops: [], column: 'name' });
    expect(isLookup('name')).toBe(false);
  });

  it('reads one hop and many', () => {
    expect(parseLookupPath('msdyn_company.cdm_companycode')).toEqual({
      hops: ['msdyn_company'],
      column: 'cdm_companycode',
    });
    expect(parseLookupPath('a.b.c.code')).toEqual({ hops: ['a', 'b', 'c'], column: 'code' });
    expect(isLookup('a.b')).toBe(true);
  });

  it('reads the polymorphic form with its tables in the order in which they are tried', () => {
    expect(parseLookupPath('customerid.Account(accountnumber).Contact(msdyn_contactpersonid)')).toEqual({
      hops: ['customerid'],
      column: 'accountnumber',
      targets: [
        { table: 'account', column: 'accountnumber' },
        { table: 'contact', column: 'msdyn_contactpersonid' },
      ],
    });
  });
});
