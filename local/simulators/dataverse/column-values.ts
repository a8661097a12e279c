import { Decimal } from 'decimal.js';
import { isJsonNumber, type Json } from './json-body.ts';
import { isGuid, type StoredValue } from './stored-value.ts';
import type { ColumnMetadata, Table } from './table-metadata.ts';
import { badPayload, faultCodes, webFault } from './web-fault.ts';

/** Bounds of an Edm.Decimal column ("Work with table columns", Decimal number) and of a currency column. */
const decimalLimit = new Decimal('100000000000');
const moneyLimit = new Decimal('922337203685477');
const defaultPrecision = { Decimal: 2, Money: 2 } as const;

/**
 * Turns the JSON value of a plain column (not a lookup) into what the store keeps.
 * Throws 400 with `0x80048d19` for a wrong type, `0x80044331` for a text too long, `0x8004431a` for a choice
 * out of range, `0x8004432f` and `0x80044330` for numbers out of range, `0x80040203` for a forbidden null.
 */
export function convertValue(table: Table, column: ColumnMetadata, value: Json): StoredValue {
  if (value === null) {
    if (column.required === 'SystemRequired') throw cannotBeNull(column);
    return null;
  }
  switch (column.type) {
    case 'String':
    case 'Memo':
      return convertText(table, column, value);
    case 'Uniqueidentifier':
      if (typeof value === 'string' && isGuid(value)) return value.toLowerCase();
      throw wrongType(table, value, 'Edm.Guid');
    case 'Boolean':
      if (typeof value === 'boolean') return value;
      throw wrongType(table, value, 'Edm.Boolean');
    case 'Integer':
      return convertInteger(table, column, value);
    case 'BigInt':
      return integerText(table, value, 'Edm.Int64');
    case 'Decimal':
    case 'Money':
      return convertDecimal(table, column, column.type, value);
    case 'Double':
      return Number(numberText(table, value, 'Edm.Double'));
    case 'DateTime':
      return convertDate(table, column, value);
    case 'Picklist':
    case 'State':
    case 'Status':
      return convertChoice(table, column, Number(integerText(table, value, 'Edm.Int32')));
    case 'MultiSelectPicklist':
      return convertChoices(table, column, value);
    case 'Lookup':
      throw badPayload(
        table.metadata.entitySetName,
        `Microsoft.OData.ODataException: The lookup '${column.logicalName}' cannot be set by value.`,
      );
  }
}

/** The refusal of null for a column the system needs. */
export function cannotBeNull(column: ColumnMetadata): Error {
  return webFault(400, faultCodes.invalidArgument, `Attribute: ${column.logicalName} cannot be set to NULL`);
}

function convertText(table: Table, column: ColumnMetadata, value: Json): StoredValue {
  if (typeof value !== 'string') throw wrongType(table, value, 'Edm.String');
  if (column.maxLength !== undefined && value.length > column.maxLength) {
    throw webFault(
      400,
      faultCodes.textTooLong,
      `A validation error occurred. The length of the '${column.logicalName}' attribute of the '${table.metadata.logicalName}' entity exceeded the maximum allowed length of '${column.maxLength}'.`,
    );
  }
  // The database holds no empty text: it reads back as null.
  return value === '' ? null : value;
}

function convertInteger(table: Table, column: ColumnMetadata, value: Json): StoredValue {
  const number = Number(integerText(table, value, 'Edm.Int32'));
  if (number < -2147483648 || number > 2147483647) throw wrongType(table, value, 'Edm.Int32');
  if (number < (column.minValue ?? -2147483648) || number > (column.maxValue ?? 2147483647)) {
    throw outsideRange(table, column, faultCodes.integerOutOfRange);
  }
  return number;
}

function convertDecimal(table: Table, column: ColumnMetadata, type: 'Decimal' | 'Money', value: Json): StoredValue {
  const number = new Decimal(numberText(table, value, 'Edm.Decimal'));
  const limit = type === 'Money' ? moneyLimit : decimalLimit;
  const low = column.minValue === undefined ? limit.negated() : new Decimal(column.minValue);
  const high = column.maxValue === undefined ? limit : new Decimal(column.maxValue);
  if (number.lessThan(low) || number.greaterThan(high)) throw outsideRange(table, column, faultCodes.decimalOutOfRange);
  return number.toFixed(column.precision ?? defaultPrecision[type], Decimal.ROUND_HALF_UP);
}

function convertChoice(table: Table, column: ColumnMetadata, value: number): number {
  if (!(column.options ?? []).some((option) => option.value === value)) {
    throw outsideRange(table, column, faultCodes.outOfRange, `value ${value} `);
  }
  return value;
}

function convertChoices(table: Table, column: ColumnMetadata, value: Json): StoredValue {
  if (typeof value !== 'string') throw wrongType(table, value, 'Edm.String');
  const values = value.split(',').map((part) => {
    if (!/^\s*-?\d+\s*$/.test(part)) throw wrongType(table, value, 'Edm.String of choice numbers');
    return convertChoice(table, column, Number(part));
  });
  if (values.length > 150) throw outsideRange(table, column, faultCodes.outOfRange);
  return [...new Set(values)].sort((a, b) => a - b).join(',');
}

const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:\d{2})$/;

function convertDate(table: Table, column: ColumnMetadata, value: Json): StoredValue {
  const expected = column.behavior === 'DateOnly' ? 'Edm.Date' : 'Edm.DateTimeOffset';
  const pattern = column.behavior === 'DateOnly' ? datePattern : instantPattern;
  if (typeof value !== 'string' || !pattern.test(value)) throw wrongType(table, value, expected);
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) throw wrongType(table, value, expected);
  // "Behavior and format of the date and time column": the database type begins in 1753.
  if (ms < Date.UTC(1753, 0, 1)) {
    throw webFault(
      400,
      faultCodes.invalidArgument,
      `DateTime is less than minumum value supported by CrmDateTime. Actual value: ${value}, Minimum value supported: 01/01/1753 00:00:00`,
    );
  }
  const text = new Date(ms).toISOString();
  return column.behavior === 'DateOnly' ? text.slice(0, 10) : `${text.slice(0, 19)}Z`;
}

function numberText(table: Table, value: Json, expected: string): string {
  if (!isJsonNumber(value)) throw wrongType(table, value, expected);
  return value.numberText;
}

function integerText(table: Table, value: Json, expected: string): string {
  const text = numberText(table, value, expected);
  if (!/^-?\d+$/.test(text)) throw wrongType(table, value, expected);
  return BigInt(text).toString();
}

function wrongType(table: Table, value: Json, expected: string): Error {
  const text = isJsonNumber(value) ? value.numberText : JSON.stringify(value);
  return badPayload(
    table.metadata.entitySetName,
    `Microsoft.OData.ODataException: Cannot convert the literal '${text.replaceAll('"', '')}' to the expected type '${expected}'.`,
  );
}

function outsideRange(table: Table, column: ColumnMetadata, code: string, what = 'value '): Error {
  return webFault(
    400,
    code,
    `A validation error occurred. The ${what}of '${column.logicalName}' on record of type '${table.metadata.logicalName}' is outside the valid range.`,
  );
}
