import { companies, globalRows, setupRows } from './company-setup.ts';
import { contactPersonRows } from './contact-person-rows.ts';
import { branchRows, customerRows, ORGANIZATION_MAP } from './customer-rows.ts';
import { prospectRows } from './prospect-rows.ts';
import { seededRandom } from './seeded-random.ts';
import { readTwins, type SeedRow, type Twin } from './twin-row.ts';
import { vendorRows } from './vendor-rows.ts';

export interface SeedOptions {
  /** Customers in all companies together, whichever side they are on. */
  customers: number;
  /** The same seed and number give the same rows. */
  seed: number;
}

/**
 * Rows to load, in this order: whatever a row refers to stands before it, which is why a set or table may come more
 * than once. F&O rows hold OData properties. Dataverse rows hold logical names and no row identifiers; a lookup is
 * `<column>@key`, whose value names the row by an alternate key: key column to value, a lookup in the key as such an
 * object again, and, where the lookup may point to several tables, `@table`:
 * `{"msdyn_customergroupid@key": {"msdyn_groupid": "30", "msdyn_company": {"cdm_companycode": "usmf"}}}`.
 */
export interface SeedRows {
  finops: { entitySet: string; rows: Record<string, unknown>[] }[];
  dataverse: { table: string; rows: Record<string, unknown>[] }[];
}

/**
 * The state of two believable environments before they are first synchronised: legal entities, set-up, vendors,
 * customers and contact persons. Six in ten customers are in F&O only, three on both sides with equal values, one in
 * Dataverse only; some contacts of Dataverse are no customers yet.
 */
export function seedRows(options: SeedOptions): SeedRows {
  const random = seededRandom(options.seed);
  const vendors = vendorRows(companies, random);
  const customers = customerRows(options.customers, companies, random);
  const contactPersons = contactPersonRows(customers, vendors, random);
  const branches = branchRows(customers, contactPersons, random);
  const later = new Set(branches);
  const ordered = [
    ...globalRows(),
    ...setupRows(),
    ...vendors,
    ...customers.filter((row) => !later.has(row) && row.map === ORGANIZATION_MAP),
    ...customers.filter((row) => row.map !== ORGANIZATION_MAP),
    ...contactPersons,
    ...branches,
  ];
  const twins = readTwins();
  const prospects = prospectRows(Math.ceil(options.customers / 50), companies, random);
  return {
    finops: finopsRows(ordered, twins),
    dataverse: [...dataverseRows(ordered, twins), { table: 'contact', rows: prospects }],
  };
}

function finopsRows(ordered: readonly SeedRow[], twins: Map<string, Twin>): SeedRows['finops'] {
  const sets: SeedRows['finops'] = [];
  for (const row of ordered) {
    if (row.side === 'dataverse') continue;
    const twin = twinOf(row, twins);
    const entitySet = twin.map.finops.entity;
    let last = sets.at(-1);
    if (last?.entitySet !== entitySet) {
      last = { entitySet, rows: [] };
      sets.push(last);
    }
    last.rows.push(twin.complete(row.values));
  }
  return sets;
}

function dataverseRows(ordered: readonly SeedRow[], twins: Map<string, Twin>): SeedRows['dataverse'] {
  const tables: SeedRows['dataverse'] = [];
  for (const row of ordered) {
    if (row.side === 'finops') continue;
    const twin = twinOf(row, twins);
    const { table } = twin.map.dataverse;
    let last = tables.at(-1);
    if (last?.table !== table) {
      last = { table, rows: [] };
      tables.push(last);
    }
    last.rows.push(twin.toDataverse(row.values));
  }
  return tables;
}

function twinOf(row: SeedRow, twins: Map<string, Twin>): Twin {
  const twin = twins.get(row.map);
  if (twin === undefined) throw new Error(`no map ${row.map}`);
  return twin;
}
