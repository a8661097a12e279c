import { readAllRows } from './systems.js';

/** Rows that lookups may point to, by table: read once, and again after a change of the table. */
const known = new Map();

/** Keys that a lookup field of this company may take, in order. */
export async function lookupKeys(lookup, company) {
  const rows = await rowsOf(lookup);
  return rows
    .filter((row) => isOfCompany(lookup, row, company))
    .map((row) => row[lookup.key])
    .filter((key) => key !== null)
    .sort((one, other) => one.localeCompare(other));
}

/** Id of the Dataverse row with this key. Throws when there is none. */
export async function findLookupId(lookup, key, company) {
  const wanted = key.trim().toLowerCase();
  const rows = await rowsOf(lookup);
  const found = rows.find((row) => row[lookup.key]?.toLowerCase() === wanted && isOfCompany(lookup, row, company));
  if (found !== undefined) return found[lookup.id];
  const where = lookup.perCompany ? ` in company ${company}` : '';
  throw new Error(`There is no ${lookup.what} "${key}"${where} in Dataverse. Choose another, or create it first.`);
}

/** To be called when a row of a table has changed. */
export function forgetLookups(table) {
  known.delete(table);
}

function rowsOf(lookup) {
  let rows = known.get(lookup.table);
  if (rows === undefined) {
    const expand = lookup.perCompany ? '&$expand=msdyn_company($select=cdm_companycode)' : '';
    rows = readAllRows('dataverse', lookup.table, `$select=${lookup.id},${lookup.key}${expand}`);
    known.set(lookup.table, rows);
    rows.catch(() => known.delete(lookup.table));
  }
  return rows;
}

function isOfCompany(lookup, row, company) {
  return !lookup.perCompany || row.msdyn_company?.cdm_companycode?.toLowerCase() === company.toLowerCase();
}
