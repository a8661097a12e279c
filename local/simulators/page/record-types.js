/**
 * What the page knows of tables: which F&O set is the twin of which Dataverse table, by which keys, and the handful of
 * columns it shows. The fields are a choice out of the table maps in `maps/`, with the same pairs and value maps.
 *
 * A field has `kind` text, memo, number, choice (pairs of F&O symbol and Dataverse value) or lookup (shown by the key
 * text of the row it points to); `needed` ones are asked for in a new record; `oneWay` ones only follow F&O.
 */

export const sides = {
  finops: { id: 'finops', name: 'Finance and Operations', short: 'F&O', other: 'dataverse' },
  dataverse: { id: 'dataverse', name: 'Dataverse', short: 'Dataverse', other: 'finops' },
};

const noYes = [
  ['No', false],
  ['Yes', true],
];

const company = { table: 'cdm_company', set: 'cdm_companies', id: 'cdm_companyid', key: 'cdm_companycode' };

const customerGroup = {
  table: 'msdyn_customergroup',
  set: 'msdyn_customergroups',
  id: 'msdyn_customergroupid',
  key: 'msdyn_groupid',
  perCompany: true,
  what: 'customer group',
};

const currency = {
  table: 'transactioncurrency',
  set: 'transactioncurrencies',
  id: 'transactioncurrencyid',
  key: 'isocurrencycode',
  perCompany: false,
  what: 'currency',
};

const paymentTerm = {
  table: 'msdyn_paymentterm',
  set: 'msdyn_paymentterms',
  id: 'msdyn_paymenttermid',
  key: 'msdyn_name',
  perCompany: true,
  what: 'payment term',
};

const text = (label, finops, dataverse, more = {}) => ({ label, finops, dataverse, kind: 'text', ...more });
const memo = (label, finops, dataverse) => ({ label, finops, dataverse, kind: 'memo' });
const amount = (label, finops, dataverse) => ({ label, finops, dataverse, kind: 'number' });
const choice = (label, finops, dataverse, choices) => ({ label, finops, dataverse, kind: 'choice', choices });
const lookup = (label, finops, dataverse, target, more = {}) => ({
  label,
  finops,
  dataverse,
  kind: 'lookup',
  lookup: target,
  ...more,
});

const contactFields = [
  text('Phone', 'PrimaryContactPhone', 'telephone1'),
  text('E-mail', 'PrimaryContactEmail', 'emailaddress1'),
];

const customerGroupField = lookup('Customer group', 'CustomerGroupId', 'msdyn_customergroupid', customerGroup, {
  needed: true,
  suggestion: '10',
});
const customerCurrencyField = lookup('Currency', 'SalesCurrencyCode', 'transactioncurrencyid', currency, {
  needed: true,
  suggestion: 'USD',
});

const organization = {
  id: 'organization',
  label: 'Organization (an account in Dataverse)',
  keyLabel: 'Customer account',
  keyLength: 20,
  finops: { set: 'CustomersV3', key: 'CustomerAccount', company: 'dataAreaId', fixed: { PartyType: 'Organization' } },
  dataverse: {
    table: 'account',
    set: 'accounts',
    id: 'accountid',
    key: 'accountnumber',
    company,
    fixed: { customertypecode: 3 },
  },
  fields: [
    text('Name', 'OrganizationName', 'name', { needed: true, title: true }),
    customerGroupField,
    customerCurrencyField,
    amount('Credit limit', 'CreditLimit', 'creditlimit'),
    choice('On hold', 'OnHoldStatus', 'msdyn_onholdstatus', [
      ['No', 806380000],
      ['Invoice', 806380001],
      ['All', 806380002],
      ['Payment', 806380003],
      ['Requisition', 806380004],
      ['Never', 806380005],
    ]),
    ...contactFields,
    text('Delivery city', 'DeliveryAddressCity', 'address1_city'),
    memo('Memo', 'SalesMemo', 'description'),
  ],
};

const person = {
  id: 'person',
  label: 'Person (a contact in Dataverse)',
  keyLabel: 'Customer account',
  keyLength: 20,
  finops: { set: 'CustomersV3', key: 'CustomerAccount', company: 'dataAreaId', fixed: { PartyType: 'Person' } },
  dataverse: {
    table: 'contact',
    set: 'contacts',
    id: 'contactid',
    key: 'msdyn_contactpersonid',
    company,
    fixed: { msdyn_sellable: true },
  },
  fields: [
    text('First name', 'PersonFirstName', 'firstname', { title: true }),
    text('Last name', 'PersonLastName', 'lastname', { needed: true, title: true }),
    customerGroupField,
    customerCurrencyField,
    text('Job title', 'PersonProfessionalTitle', 'jobtitle'),
    ...contactFields,
    text('City', 'AddressCity', 'address1_city'),
    memo('Memo', 'SalesMemo', 'description'),
  ],
};

const currencies = {
  id: 'currency',
  label: 'Currency',
  keyLabel: 'Currency code',
  keyLength: 3,
  finops: { set: 'Currencies', key: 'CurrencyCode', fixed: {} },
  // Dataverse demands a rate in a new row; the map sets the same one.
  dataverse: {
    table: 'transactioncurrency',
    set: 'transactioncurrencies',
    id: 'transactioncurrencyid',
    key: 'isocurrencycode',
    fixed: {},
    onCreate: { exchangerate: 1, currencyprecision: 2 },
  },
  fields: [
    text('Name', 'Name', 'currencyname', { needed: true, title: true }),
    text('Symbol', 'Symbol', 'currencysymbol', { needed: true }),
  ],
};

const customerGroups = {
  id: 'customer-group',
  label: 'Customer group',
  keyLabel: 'Customer group',
  keyLength: 10,
  finops: { set: 'CustomerGroups', key: 'CustomerGroupId', company: 'dataAreaId', fixed: {} },
  dataverse: {
    table: 'msdyn_customergroup',
    set: 'msdyn_customergroups',
    id: 'msdyn_customergroupid',
    key: 'msdyn_groupid',
    company,
    fixed: {},
  },
  fields: [
    text('Description', 'Description', 'msdyn_description', { needed: true, title: true }),
    choice('Prices include sales tax', 'IsSalesTaxIncludedInPrice', 'msdyn_issalestaxincludedinprice', noYes),
    lookup('Terms of payment', 'PaymentTermId', 'msdyn_paymenttermid', paymentTerm),
  ],
};

const legalEntities = {
  id: 'legal-entity',
  label: 'Legal entity',
  keyLabel: 'Company code',
  keyLength: 4,
  finops: { set: 'LegalEntities', key: 'LegalEntityId', fixed: {} },
  dataverse: {
    table: 'cdm_company',
    set: 'cdm_companies',
    id: 'cdm_companyid',
    key: 'cdm_companycode',
    fixed: {},
  },
  fields: [text('Name', 'Name', 'cdm_name', { needed: true, title: true, oneWay: true })],
  /** Deletes stay on their side, as the map says. */
  deletesStay: true,
};

/** The entries of the picker; a type has one pair of tables, or one for each kind of its records. */
export const recordTypes = [
  { id: 'customers', label: 'Customers', one: 'customer', pairs: [organization, person] },
  { id: 'currencies', label: 'Currencies', one: 'currency', pairs: [currencies] },
  { id: 'customer-groups', label: 'Customer groups', one: 'customer group', pairs: [customerGroups] },
  { id: 'legal-entities', label: 'Legal entities', one: 'legal entity', pairs: [legalEntities] },
];

/** Every pair of tables, of all types. */
export const allPairs = recordTypes.flatMap(({ pairs }) => pairs);
