import type { SeedRow } from './twin-row.ts';

/** What the rest of the seed needs to know of a legal entity. */
export interface SeedCompany {
  id: string;
  name: string;
  country: 'US' | 'DE' | 'GB';
  currency: string;
  language: string;
  accountPrefix: string;
}

export const companies: readonly SeedCompany[] = [
  {
    id: 'usmf',
    name: 'Bright Harbour Manufacturing Inc.',
    country: 'US',
    currency: 'USD',
    language: 'en-us',
    accountPrefix: 'US',
  },
  {
    id: 'usrt',
    name: 'Bright Harbour Retail LLC',
    country: 'US',
    currency: 'USD',
    language: 'en-us',
    accountPrefix: 'RT',
  },
  {
    id: 'demf',
    name: 'Heller Hafen Fertigung GmbH',
    country: 'DE',
    currency: 'EUR',
    language: 'de',
    accountPrefix: 'DE',
  },
  {
    id: 'gbsi',
    name: 'Bright Harbour Service Industries Ltd',
    country: 'GB',
    currency: 'GBP',
    language: 'en-gb',
    accountPrefix: 'GB',
  },
];

/** Code, name, symbol. The first ten are in Dataverse from the start; the others only in F&O. */
const currencies: readonly (readonly [string, string, string])[] = [
  ['USD', 'US Dollar', '$'],
  ['EUR', 'Euro', '€'],
  ['GBP', 'Pound Sterling', '£'],
  ['CHF', 'Swiss Franc', 'CHF'],
  ['SEK', 'Swedish Krona', 'kr'],
  ['DKK', 'Danish Krone', 'kr.'],
  ['NOK', 'Norwegian Krone', 'kr'],
  ['PLN', 'Polish Złoty', 'zł'],
  ['CAD', 'Canadian Dollar', 'CA$'],
  ['JPY', 'Japanese Yen', '¥'],
  ['AUD', 'Australian Dollar', 'A$'],
  ['BRL', 'Brazilian Real', 'R$'],
  ['BGN', 'Bulgarian Lev', 'лв'],
  ['CNY', 'Chinese Yuan', '元'],
  ['CZK', 'Czech Koruna', 'Kč'],
  ['HKD', 'Hong Kong Dollar', 'HK$'],
  ['HUF', 'Hungarian Forint', 'Ft'],
  ['ILS', 'Israeli New Shekel', '₪'],
  ['INR', 'Indian Rupee', '₹'],
  ['ISK', 'Icelandic Króna', 'kr'],
  ['KRW', 'South Korean Won', '₩'],
  ['MXN', 'Mexican Peso', 'MX$'],
  ['MYR', 'Malaysian Ringgit', 'RM'],
  ['NZD', 'New Zealand Dollar', 'NZ$'],
  ['RON', 'Romanian Leu', 'lei'],
  ['SGD', 'Singapore Dollar', 'S$'],
  ['THB', 'Thai Baht', '฿'],
  ['TRY', 'Turkish Lira', '₺'],
  ['UAH', 'Ukrainian Hryvnia', '₴'],
  ['ZAR', 'South African Rand', 'R'],
];
const currenciesInDataverse = 10;

/** Currencies in which a customer on the Dataverse side may be billed. */
export const sharedCurrencies = currencies.slice(0, currenciesInDataverse).map(([code]) => code);

export const paymentTerms = ['COD', 'Net10', 'Net30', 'Net45', 'Net60', '2/10 N30', 'M15'] as const;
export const paymentMethods = ['CASH', 'CHECK', 'ELECTRONIC', 'CARD', 'SEPA DD'] as const;
export const paymentDays = ['15th', 'Fridays', 'Month end'] as const;
export const paymentSchedules = ['3 x 30', 'Quarterly'] as const;
export const taxGroups = ['STD', 'REDUCED', 'EXEMPT', 'EU/INTRA'] as const;
export const customerGroups = ['10', '20', '30', '40', '80', '90'] as const;
export const vendorGroups = ['GOODS', 'SERVICE', 'ASSET'] as const;
const vendorPaymentMethods = ['CHECK', 'WIRE'] as const;

const customerGroupNames: Record<(typeof customerGroups)[number], string> = {
  '10': 'Wholesale customers',
  '20': 'Major accounts',
  '30': 'Retail customers',
  '40': 'Intercompany',
  '80': 'Other "one-off" customers',
  '90': 'Öffentliche Hand / public sector',
};

/** Legal entities and currencies, which belong to no company. */
export function globalRows(): SeedRow[] {
  return [
    ...companies.map((company): SeedRow => {
      const values = { LegalEntityId: company.id, Name: company.name, LanguageId: company.language };
      return { map: 'legal-entities--cdm_companies', side: 'both', values };
    }),
    ...currencies.map(([code, name, symbol], index): SeedRow => {
      const values = { CurrencyCode: code, Name: name, Symbol: symbol };
      return {
        map: 'currencies--transactioncurrencies',
        side: index < currenciesInDataverse ? 'both' : 'finops',
        values,
      };
    }),
  ];
}

/** The set-up tables, each for all companies before the next, so that parents come first. */
export function setupRows(): SeedRow[] {
  const each = (map: string, rows: readonly Record<string, unknown>[]): SeedRow[] =>
    companies.flatMap((company) =>
      rows.map((row): SeedRow => ({ map, side: 'both', values: { dataAreaId: company.id, ...row } })),
    );
  const named = (names: readonly string[]) => names.map((Name) => ({ Name, Description: `${Name} (payment)` }));
  return [
    ...each('payment-days-cds--msdyn_paymentdays', named(paymentDays)),
    ...each('payment-schedule--msdyn_paymentschedules', named(paymentSchedules)),
    ...each('terms-of-payment--msdyn_paymentterms', paymentTerms.map(termRow)),
    ...each('customer-payment-method--msdyn_customerpaymentmethods', paymentMethods.map(methodRow)),
    ...each('vendor-payment-method--msdyn_vendorpaymentmethods', named(vendorPaymentMethods)),
    ...each(
      'sales-tax-groups--msdyn_taxgroups',
      taxGroups.map((TaxGroupCode) => ({ TaxGroupCode, Description: `Sales tax ${TaxGroupCode.toLowerCase()}` })),
    ),
    ...each(
      'customer-groups--msdyn_customergroups',
      customerGroups.map((CustomerGroupId, index) => ({
        CustomerGroupId,
        Description: customerGroupNames[CustomerGroupId],
        IsSalesTaxIncludedInPrice: CustomerGroupId === '30' ? 'Yes' : 'No',
        PaymentTermId: paymentTerms[index] ?? 'Net30',
      })),
    ),
    ...each(
      'vendor-groups--msdyn_vendorgroups',
      vendorGroups.map((VendorGroupId) => ({
        VendorGroupId,
        Description: `Vendors: ${VendorGroupId.toLowerCase()}`,
        DefaultPaymentTermName: 'Net30',
      })),
    ),
  ];
}

function termRow(name: (typeof paymentTerms)[number]): Record<string, unknown> {
  const days = { COD: 0, Net10: 10, Net30: 30, Net45: 45, Net60: 60, '2/10 N30': 30, M15: 15 }[name];
  return {
    Name: name,
    Description: name === 'COD' ? 'Cash on delivery' : `Net ${days} days`,
    NumberOfDays: days,
    PaymentMethodType: name === 'COD' ? 'COD' : name === 'M15' ? 'CurrentMth' : 'Net',
    IsCashPayment: name === 'COD' ? 'Yes' : 'No',
    ...(name === 'M15' ? { PaymentDayName: '15th' } : {}),
    ...(name === 'Net60' ? { PaymentScheduleName: '3 x 30' } : {}),
  };
}

function methodRow(name: (typeof paymentMethods)[number]): Record<string, unknown> {
  const type = {
    CASH: 'Other',
    CHECK: 'Check',
    ELECTRONIC: 'ElectronicPayment',
    CARD: 'CreditCard',
    'SEPA DD': 'ElectronicPayment',
  };
  return {
    Name: name,
    Description: `Payment by ${name.toLowerCase()}`,
    PaymentType: type[name],
    AccountType: name === 'CASH' ? 'Ledger' : 'Bank',
    IsSEPA: name === 'SEPA DD' ? 'Yes' : 'No',
    DirectDebit: name === 'SEPA DD' ? 'Yes' : 'No',
  };
}
