import type { ColumnType } from '../record/column-type.ts';
import { TEXT } from '../record/column-type.ts';
import type { Side } from '../record/side.ts';
import type { TableShape } from './compiled-map.ts';
import type { FieldMapping, TableMap } from './table-map.ts';

const NUMBER: ColumnType = { kind: 'decimal', scale: 10 };

/**
 * What a side must be like for the map to run on it, where its metadata are not known. It has every column; types are
 * those that the transforms need, else text; it has companies where the other side has them.
 */
export function inferShape(map: TableMap, side: Side, other: TableShape | null): TableShape {
  const company = side === 'finops' ? 'dataAreaId' : 'msdyn_company.cdm_companycode';
  return {
    typeOf: (column) => {
      const field = map.fields.find((each) => each[side]?.toLowerCase() === column.toLowerCase());
      return field === undefined ? TEXT : inferredType(field, side);
    },
    companyColumn: other?.companyColumn == null ? null : company,
    createOnly: () => false,
    computed: () => false,
    lookupTables: () => [],
    uniqueBy: () => false,
    tellsModifiedAt: true,
  };
}

/** The type that a transform gives away; text where it gives none away. */
function inferredType({ transform }: FieldMapping, side: Side): ColumnType {
  if (transform?.type === 'factor') return NUMBER;
  if (transform?.type === 'time-zone') return side === 'finops' ? { kind: 'date' } : { kind: 'instant' };
  if (transform?.type !== 'value-map' || side === 'finops') return TEXT;
  return valuesType(transform.pairs.map(([, text]) => text));
}

function valuesType(texts: readonly string[]): ColumnType {
  const told = texts.filter((text) => text !== '');
  if (told.length > 0 && told.every((text) => /^(?:true|false)$/i.test(text))) return { kind: 'boolean' };
  return told.length > 0 && told.every((text) => /^\d+$/.test(text)) ? { kind: 'option' } : TEXT;
}
