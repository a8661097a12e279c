import {
  customerGroups,
  paymentDays,
  paymentMethods,
  paymentSchedules,
  paymentTerms,
  type SeedCompany,
  sharedCurrencies,
  taxGroups,
} from './company-setup.ts';
import { type Place, personName, randomPhone, randomPlace } from './people-and-places.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SeedRow, SeedSide } from './twin-row.ts';
import { companyColours, companyTrades, jobTitles, memoSentences } from './word-lists.ts';

export const ORGANIZATION_MAP = 'customers-v3--accounts';
const PERSON_MAP = 'customers-v3--contacts';
/** By the last digit of a customer's number: 60 % in F&O only, 30 % on both sides, 10 % in Dataverse only. */
const SIDES: readonly SeedSide[] = [
  'finops',
  'both',
  'finops',
  'finops',
  'both',
  'finops',
  'dataverse',
  'finops',
  'both',
  'finops',
];
const PERSON_SHARE = 0.3;
const LEGAL_FORMS = { US: ['Inc.', 'LLC', 'Corp.'], DE: ['GmbH', 'AG', 'e. K.'], GB: ['Ltd', 'PLC', '& Sons'] };
/** Every so many accounts are written as people do write them, not as a number sequence would. */
const ODD_ACCOUNT_EVERY = 25;

/** The customers, organizations and persons, company by company in turn. */
export function customerRows(count: number, companies: readonly SeedCompany[], random: SeededRandom): SeedRow[] {
  return Array.from({ length: count }, (_, index) => {
    const company = companies[Math.floor(index / SIDES.length) % companies.length];
    if (company === undefined) throw new RangeError('customers need a company');
    const side = SIDES[index % SIDES.length] ?? 'finops';
    const person = random.chance(PERSON_SHARE);
    const values = {
      dataAreaId: company.id,
      CustomerAccount: accountNumber(index, person, company, random),
      // F&O numbers its parties; a customer that Dataverse alone knows has no party yet.
      ...(side === 'dataverse' ? {} : { PartyNumber: String(index + 1).padStart(9, '0') }),
      ...(person ? personValues(company, random) : organizationValues(company, random)),
      ...sharedValues(company, side, random),
    };
    return { map: person ? PERSON_MAP : ORGANIZATION_MAP, side, values: withoutEmpty(values) };
  });
}

/**
 * Picks organizations as branches of others in their company, changes them so that they are billed to, and met
 * through, their head office, and returns them: they must be loaded after its contact person.
 */
export function branchRows(
  customers: readonly SeedRow[],
  contactPersons: readonly SeedRow[],
  random: SeededRandom,
): SeedRow[] {
  const heads = contactPersons.filter(
    (row) => row.side === 'both' && row.values['AssociatedContactType'] === 'Customer',
  );
  const headAccounts = new Set(contactPersons.map((row) => customerKey(row, 'AssociatedContactNumber')));
  const branches: SeedRow[] = [];
  for (const customer of customers) {
    if (customer.map !== ORGANIZATION_MAP || headAccounts.has(customerKey(customer, 'CustomerAccount'))) continue;
    const near = heads.filter((head) => head.values['dataAreaId'] === customer.values['dataAreaId']);
    if (near.length === 0 || !random.chance(0.15)) continue;
    const head = random.pick(near);
    customer.values['InvoiceAccount'] = head.values['AssociatedContactNumber'];
    customer.values['ContactPersonId'] = head.values['ContactPersonId'];
    branches.push(customer);
  }
  return branches;
}

function customerKey(row: SeedRow, property: string): string {
  return `${String(row.values['dataAreaId'])}|${String(row.values[property])}`;
}

/** Persons are numbered alike in all companies, so that an account number alone does not tell two customers apart. */
function accountNumber(index: number, person: boolean, company: SeedCompany, random: SeededRandom): string {
  const perCompany = Math.floor(index / 40) * 10 + (index % 10) + 1;
  const number = String(perCompany).padStart(4, '0');
  if (person) return `P-${number}`;
  if (index % ODD_ACCOUNT_EVERY !== 7) return `${company.accountPrefix}-${number}`;
  return `${company.accountPrefix}${random.pick(['/', ' ', "-O'", ' & ', '-ß+'])}${number}`;
}

function organizationValues(company: SeedCompany, random: SeededRandom): Record<string, unknown> {
  const invoice = random.chance(0.4) ? randomPlace(company.country, random) : undefined;
  const name = `${random.pick(companyColours)} ${random.pick(companyTrades)} ${random.pick(LEGAL_FORMS[company.country])}`;
  return {
    PartyType: 'Organization',
    OrganizationName: random.chance(0.05) ? `"${name}"` : name,
    OrganizationNumberOfEmployees: random.whole(1, 2500),
    CreditLimit: random.whole(0, 200) * 1250.5,
    CreditLimitIsMandatory: random.chance(0.2) ? 'Yes' : 'No',
    CreditRating: random.pick(['', '', 'AAA', 'AA+', 'B-']),
    OnHoldStatus: random.chance(0.05) ? 'Invoice' : 'No',
    InvoiceAddress: random.chance(0.1) ? 'OrderAccount' : 'InvoiceAccount',
    PaymentTerms: random.pick(paymentTerms),
    PaymentMethod: random.pick(paymentMethods),
    PaymentDay: random.chance(0.1) ? random.pick(paymentDays) : '',
    PaymentSchedule: random.chance(0.05) ? random.pick(paymentSchedules) : '',
    SalesTaxGroup: random.pick(taxGroups),
    TaxExemptNumber: random.chance(0.2) ? `EX-${random.whole(10000, 99999)}` : '',
    VendorAccount: random.chance(0.03) ? `${company.accountPrefix}-V001` : '',
    ...address('DeliveryAddress', randomPlace(company.country, random)),
    ...(invoice === undefined ? {} : address('InvoiceAddress', invoice)),
  };
}

function personValues(company: SeedCompany, random: SeededRandom): Record<string, unknown> {
  const name = personName(random);
  return {
    PartyType: 'Person',
    PersonFirstName: name.first,
    PersonMiddleName: name.middle,
    PersonLastName: name.last,
    PersonProfessionalTitle: random.chance(0.3) ? random.pick(jobTitles) : '',
    PersonGender: random.pick(['Male', 'Female', 'Unknown']),
    PersonMaritalStatus: random.pick(['None', 'None', 'Single', 'Married', 'Divorced', 'Widowhood']),
    ...address('Address', randomPlace(company.country, random)),
  };
}

function sharedValues(company: SeedCompany, side: SeedSide, random: SeededRandom): Record<string, unknown> {
  const mailbox = random.whole(1000, 9999);
  return {
    CustomerGroupId: random.pick(customerGroups),
    SalesCurrencyCode: random.chance(0.85) ? company.currency : random.pick(sharedCurrencies),
    // The language of a customer is F&O's alone: a map gives new ones from Dataverse the default.
    ...(side === 'dataverse' ? {} : { LanguageId: company.language }),
    PrimaryContactPhone: randomPhone(company.country, random),
    PrimaryContactEmail: `desk${mailbox}@${company.id}-customer.example`,
    PrimaryContactURL: random.chance(0.3) ? `https://customer${mailbox}.example/?q=a&b=c%20d` : '',
    IdentificationNumber: random.chance(0.2) ? `ID ${random.whole(100000, 999999)}` : '',
    SalesMemo: memo(random),
  };
}

/** Mostly nothing, sometimes a sentence, seldom nearly as much as Dataverse's description can hold. */
function memo(random: SeededRandom): string {
  if (random.chance(0.7)) return '';
  const sentence = random.pick(memoSentences);
  return random.chance(0.1) ? `${sentence}\n`.repeat(Math.floor(1900 / (sentence.length + 1))).trimEnd() : sentence;
}

function address(prefix: string, place: Place): Record<string, unknown> {
  return {
    [`${prefix}Street`]: place.street,
    [`${prefix}City`]: place.city,
    [`${prefix}County`]: place.county,
    [`${prefix}State`]: place.state,
    [`${prefix}ZipCode`]: place.zipCode,
    [`${prefix}CountryRegionISOCode`]: place.country,
    [`${prefix}Latitude`]: place.latitude,
    [`${prefix}Longitude`]: place.longitude,
  };
}

function withoutEmpty(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
