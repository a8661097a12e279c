import type { SeedCompany } from './company-setup.ts';
import { personName, randomPhone, randomPlace } from './people-and-places.ts';
import type { SeededRandom } from './seeded-random.ts';

/**
 * Contacts of Dataverse that are not customers yet: they have a company, a customer group and a currency, so that
 * setting `msdyn_sellable` and `msdyn_contactpersonid` is all it takes to make a customer of one.
 */
export function prospectRows(
  count: number,
  companies: readonly SeedCompany[],
  random: SeededRandom,
): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => {
    const company = random.pick(companies);
    const name = personName(random);
    const place = randomPlace(company.country, random);
    const companyKey = { cdm_companycode: company.id };
    return {
      'msdyn_company@key': companyKey,
      'msdyn_customergroupid@key': { msdyn_groupid: '30', msdyn_company: companyKey },
      'transactioncurrencyid@key': { isocurrencycode: company.currency },
      firstname: name.first,
      lastname: name.last,
      telephone1: randomPhone(company.country, random),
      emailaddress1: `prospect${index + 1}@web.example`,
      address1_line1: place.street,
      address1_city: place.city,
      address1_postalcode: place.zipCode,
      address1_country: place.country,
      msdyn_sellable: false,
      msdyn_contactforvendor: false,
    };
  });
}
