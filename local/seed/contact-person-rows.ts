import { ORGANIZATION_MAP } from './customer-rows.ts';
import { personName } from './people-and-places.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SeedRow } from './twin-row.ts';
import { departments, jobTitles } from './word-lists.ts';

const CUSTOMER_SHARE = 0.2;
const VENDOR_SHARE = 0.5;

/** Contact persons of some organizations and vendors, on the sides on which those are. */
export function contactPersonRows(
  customers: readonly SeedRow[],
  vendors: readonly SeedRow[],
  random: SeededRandom,
): SeedRow[] {
  let count = 0;
  const person = (map: string, of: SeedRow, type: string, account: string): SeedRow => {
    count += 1;
    const name = personName(random);
    const values = {
      dataAreaId: of.values['dataAreaId'],
      ContactPersonId: `CON-${String(count).padStart(5, '0')}`,
      AssociatedContactType: type,
      AssociatedContactNumber: of.values[account],
      FirstName: name.first,
      ...(name.middle === '' ? {} : { MiddleName: name.middle }),
      LastName: name.last,
      EmploymentProfession: random.pick(jobTitles),
      EmploymentDepartment: random.pick(departments),
      PrimaryEmailAddress: `contact${count}@${type.toLowerCase()}.example`,
      Gender: random.pick(['Unknown', 'Male', 'Female']),
    };
    return { map, side: of.side, values };
  };
  return [
    ...customers
      .filter((row) => row.map === ORGANIZATION_MAP && row.side !== 'dataverse' && random.chance(CUSTOMER_SHARE))
      .map((row) => person('cds-contacts-v2-customers--contacts', row, 'Customer', 'CustomerAccount')),
    ...vendors
      .filter(() => random.chance(VENDOR_SHARE))
      .map((row) => person('cds-contacts-v2--contacts', row, 'Vendor', 'VendorAccountNumber')),
  ];
}
