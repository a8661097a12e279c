import { shownValue } from './field-values.js';
import { createRow, deleteRow, readAllRows, updateRow } from './systems.js';

/** Reads every row of one side of a pair, in the form that the page works with. */
export async function readSide(pair, side) {
  const rows = await readAllRows(side, tableOf(pair, side), columnsOf(pair, side));
  return rows.map((raw) => asRow(pair, side, raw)).filter((row) => row !== null);
}

/** Reads one row by the key that a change names it with; null when it is gone or does not belong to the pair. */
export async function readOne(pair, side, changeKey) {
  // By a filter, because a row that is gone is no fault here.
  const filter = encodeURIComponent(
    side === 'dataverse'
      ? `${pair.dataverse.id} eq ${changeKey}`
      : finopsKeyParts(pair, changeKey)
          .map(([column, text]) => `${column} eq ${text}`)
          .join(' and '),
  );
  const [raw] = await readAllRows(side, tableOf(pair, side), `${columnsOf(pair, side)}&$filter=${filter}`);
  return raw === undefined ? null : asRow(pair, side, raw);
}

export function saveOne(pair, side, row, body) {
  return updateRow(side, tableOf(pair, side), row.id, body);
}

export function deleteOne(pair, side, row) {
  return deleteRow(side, tableOf(pair, side), row.id);
}

/** Creates a row; an empty key leaves the numbering to F&O, where the set has a number sequence. */
export function createOne(pair, side, company, key, values) {
  const { fixed, onCreate = {}, key: keyColumn } = pair[side];
  const body = { ...fixed, ...onCreate, ...values };
  if (key !== '') body[keyColumn] = key;
  if (side === 'finops' && pair.finops.company !== undefined) body[pair.finops.company] = company.text;
  if (side === 'dataverse' && pair.dataverse.company !== undefined) {
    body['msdyn_company@odata.bind'] = `/${pair.dataverse.company.set}(${company.id})`;
  }
  return createRow(side, tableOf(pair, side), body);
}

/** The F&O set or the Dataverse table of a pair. */
export function tableOf(pair, side) {
  return side === 'finops' ? pair.finops.set : pair.dataverse.table;
}

function columnsOf(pair, side) {
  const own = pair[side];
  const plain = pair.fields.filter(({ kind }) => side === 'finops' || kind !== 'lookup').map((field) => field[side]);
  const columns = [own.key, ...Object.keys(own.fixed), ...plain];
  if (side === 'finops') {
    if (own.company !== undefined) columns.push(own.company);
    return `$select=${columns.join(',')}`;
  }
  const expands = pair.fields
    .filter(({ kind }) => kind === 'lookup')
    .map(({ dataverse, lookup }) => `${dataverse}($select=${lookup.key})`);
  if (own.company !== undefined) expands.push(`msdyn_company($select=${own.company.key})`);
  const expand = expands.length === 0 ? '' : `&$expand=${expands.join(',')}`;
  return `$select=${[own.id, 'modifiedon', ...columns].join(',')}${expand}`;
}

function asRow(pair, side, raw) {
  const own = pair[side];
  const key = raw[own.key];
  if (key === null || key === undefined || key === '') return null;
  if (Object.entries(own.fixed).some(([column, value]) => raw[column] !== value)) return null;
  const company = side === 'finops' ? (raw[own.company] ?? '') : (raw.msdyn_company?.[own.company?.key] ?? '');
  const changeKey = side === 'dataverse' ? raw[own.id] : [company, key].filter((part) => part !== '').join('|');
  return {
    id: side === 'dataverse' ? raw[own.id] : finopsKey(pair, changeKey),
    changeKey,
    key,
    company,
    version: raw['@odata.etag'] ?? '',
    modifiedMs: raw.modifiedon === undefined ? null : Date.parse(raw.modifiedon),
    values: new Map(pair.fields.map((field) => [field, shownValue(field, side, raw)])),
  };
}

/** The inside of an OData key: `dataAreaId='usmf',CustomerAccount='US-0001'`. */
function finopsKey(pair, changeKey) {
  return finopsKeyParts(pair, changeKey)
    .map(([column, text]) => `${column}=${text}`)
    .join(',');
}

/** The columns of a key with their values as OData literals. */
function finopsKeyParts(pair, changeKey) {
  const quote = (text) => `'${text.replaceAll("'", "''")}'`;
  const { key, company } = pair.finops;
  if (company === undefined) return [[key, quote(changeKey)]];
  const bar = changeKey.indexOf('|');
  return [
    [company, quote(changeKey.slice(0, bar))],
    [key, quote(changeKey.slice(bar + 1))],
  ];
}
