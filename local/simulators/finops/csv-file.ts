import type { StoredValue } from './field-input.ts';
import { storedInstant } from './field-output.ts';
import type { Entity, FieldMetadata } from './metadata.ts';
import type { StoredRow } from './row-store.ts';

const fieldForm = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

/** Splits CSV text (RFC 4180) into records; throws on a quote in the wrong place. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  fieldForm.lastIndex = 0;
  while (fieldForm.lastIndex < text.length || record.length > 0) {
    const match = fieldForm.exec(text);
    if (match === null) {
      throw new Error(`Record ${records.length + 1} of the CSV file cannot be read.`);
    }
    const [, quoted, bare, separator] = match;
    record.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (separator !== ',') {
      records.push(record);
      record = [];
    }
  }
  return records;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function cell(value: StoredValue, field: FieldMetadata): string {
  if (field.type !== 'Date' && field.type !== 'UtcDateTime') {
    return String(value);
  }
  const at = storedInstant(value, field) ?? Date.UTC(1900, 0, 1);
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** Columns of a staging table: field names in capitals, without the company, which belongs to the job. */
export function stagingFields(entity: Entity): FieldMetadata[] {
  return entity.metadata.fields.filter(({ name }) => name !== 'dataAreaId');
}

/** The CSV file of an exported entity, header first, with symbols for enumerations. */
export function renderCsv(entity: Entity, rows: readonly StoredRow[]): string {
  const fields = stagingFields(entity);
  const lines = [fields.map(({ name }) => name.toUpperCase())];
  for (const row of rows) {
    lines.push(fields.map((field) => quote(cell(row.values[field.name] ?? '', field))));
  }
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/** A cell as a member of an OData body, so that an import passes the same rules; numbers stay digit by digit. */
export function cellFragment(text: string, field: FieldMetadata): string {
  switch (field.type) {
    case 'Int32':
    case 'Int64':
    case 'Real':
      return text === '' ? '0' : /^-?\d+(\.\d+)?$/.test(text) ? text : JSON.stringify(text);
    case 'Date':
      return text === '' ? 'null' : JSON.stringify(`${text.slice(0, 10)}T12:00:00Z`);
    case 'UtcDateTime':
      return text === '' ? 'null' : JSON.stringify(`${text.replace(' ', 'T')}Z`);
    case 'Enum':
    case 'Guid':
      return text === '' ? 'null' : JSON.stringify(text);
    case 'String':
      return JSON.stringify(text);
  }
}
