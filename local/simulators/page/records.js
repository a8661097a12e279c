import { meansSame } from './field-values.js';
import { allPairs, recordTypes } from './record-types.js';
import { readOne, readSide, tableOf } from './twin-rows.js';

/**
 * All records of all types: one for each key that is on either side. A record has `id`, `type`, `pair`, `key`,
 * `company`, and its row on each side or null. Records stay known after their rows are gone, because later changes of
 * the other side still belong to them.
 */
export function createRecords() {
  const records = new Map();
  /** Record by side, table and key of a change. */
  const byRow = new Map();

  const recordOf = (pair, row) => {
    // F&O compares keys and companies without regard to case.
    const id = `${pair.id}/${row.company}/${row.key}`.toLowerCase();
    let record = records.get(id);
    if (record === undefined) {
      const type = recordTypes.find(({ pairs }) => pairs.includes(pair));
      record = { id, type, pair, key: row.key, company: row.company, finops: null, dataverse: null };
      records.set(id, record);
    }
    return record;
  };
  const put = (pair, side, row) => {
    const record = recordOf(pair, row);
    record[side] = row;
    byRow.set(rowName(side, tableOf(pair, side), row.changeKey), record);
    return record;
  };

  return {
    /** Reads both sides of all pairs. */
    load: async () => {
      const reads = allPairs.flatMap((pair) => ['finops', 'dataverse'].map((side) => readInto(pair, side)));
      const loaded = await Promise.all(reads);
      for (const record of records.values()) {
        record.finops = null;
        record.dataverse = null;
      }
      for (const { pair, side, rows } of loaded) for (const row of rows) put(pair, side, row);
    },
    /** Reads the row that a change is about, and answers its record; undefined for rows that the page knows nothing of. */
    refresh: async ({ side, table, key }) => {
      for (const pair of allPairs.filter((candidate) => tableOf(candidate, side) === table)) {
        const row = await readOne(pair, side, key);
        if (row !== null) {
          // A key may have changed: then the row belongs to another record now.
          const before = byRow.get(rowName(side, table, row.changeKey));
          if (before !== undefined && before !== recordOf(pair, row)) before[side] = null;
          return put(pair, side, row);
        }
      }
      const gone = byRow.get(rowName(side, table, key));
      if (gone !== undefined) gone[side] = null;
      return gone;
    },
    find: ({ side, table, key }) => byRow.get(rowName(side, table, key)),
    get: (id) => records.get(id),
    /** Records with a row, of one type, in order of company and key. */
    ofType: (type) =>
      [...records.values()]
        .filter((record) => record.type === type && (record.finops !== null || record.dataverse !== null))
        .sort((one, other) => one.company.localeCompare(other.company) || one.key.localeCompare(other.key)),
  };
}

/** How the sides of a record stand: equal, differs, finops (only there), dataverse (only there), or gone. */
export function standing(record) {
  if (record.finops === null) return record.dataverse === null ? 'gone' : 'dataverse';
  if (record.dataverse === null) return 'finops';
  return record.pair.fields.every((field) => sameOnBoth(record, field)) ? 'equal' : 'differs';
}

/** Whether a field has the same value on both sides; the record must be on both. */
export function sameOnBoth(record, field) {
  return meansSame(field, record.finops.values.get(field), record.dataverse.values.get(field));
}

/** What people call the record: its name, from the side that has it. */
export function titleOf(record) {
  const { values } = record.finops ?? record.dataverse ?? { values: new Map() };
  const parts = record.pair.fields.filter(({ title }) => title).map((field) => values.get(field) ?? '');
  return parts.filter((part) => part !== '').join(' ');
}

async function readInto(pair, side) {
  return { pair, side, rows: await readSide(pair, side) };
}

function rowName(side, table, key) {
  return `${side}/${table}/${key}`.toLowerCase();
}
