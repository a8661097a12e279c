import { paymentTerms, type SeedCompany, taxGroups, vendorGroups } from './company-setup.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SeedRow } from './twin-row.ts';
import { companyColours, companyTrades } from './word-lists.ts';

const VENDORS_PER_COMPANY = 6;

/** A few vendors in each company; two in three are known to Dataverse. */
export function vendorRows(companies: readonly SeedCompany[], random: SeededRandom): SeedRow[] {
  return companies.flatMap((company) =>
    Array.from({ length: VENDORS_PER_COMPANY }, (_, index) => vendorRow(company, index, random)),
  );
}

function vendorRow(company: SeedCompany, index: number, random: SeededRandom): SeedRow {
  const name = `${random.pick(companyColours)} ${random.pick(companyTrades)} Supply`;
  const onHold = index === 5;
  return {
    map: 'vendors-v2--msdyn_vendors',
    side: index % 3 === 2 ? 'finops' : 'both',
    values: {
      dataAreaId: company.id,
      VendorAccountNumber: `${company.accountPrefix}-V${String(index + 1).padStart(3, '0')}`,
      VendorOrganizationName: name,
      VendorPartyType: 'Organization',
      VendorGroupId: random.pick(vendorGroups),
      CurrencyCode: company.currency,
      CreditLimit: random.whole(0, 40) * 2500,
      OrganizationEmployeeAmount: random.whole(3, 900),
      DefaultPaymentTermsName: random.pick(paymentTerms),
      SalesTaxGroupCode: random.pick(taxGroups),
      PrimaryURL: `https://vendor${index + 1}.${company.id}.example/`,
      OnHoldStatus: onHold ? 'Payment' : 'No',
      ...(onHold ? { VendorHoldReleaseDate: '2027-03-31T12:00:00Z' } : {}),
    },
  };
}
