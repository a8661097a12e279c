import { type Fault, failure, type Result, success } from '../../core/fault/fault.ts';
import type { CompiledMap } from '../../core/map/compiled-map.ts';
import { type CanonicalValue, canonicalValue, NotCanonicalError } from '../../core/record/canonical-value.ts';
import { epochMs, isoInstant } from '../../core/record/instant.ts';
import type { Row } from '../../core/record/row.ts';
import { type FinopsEntity, type FinopsField, fieldOf } from './finops-entity.ts';
import { keyPredicate, recIdOfEtag } from './odata-key.ts';

/** An entity with the columns of one map. */
export interface ReadPlan {
  map: CompiledMap;
  entity: FinopsEntity;
  /** Columns as the map writes them, with their fields. */
  columns: readonly (readonly [column: string, field: FinopsField])[];
  /** `$select` of the columns and of what every row needs besides. */
  select: string;
}

/** Prepares the reading of a map's rows. Faults: `configuration` for a column that the entity lacks. */
export function planReading(entity: FinopsEntity, map: CompiledMap): Result<ReadPlan> {
  const columns: [string, FinopsField][] = [];
  for (const column of map.sides.finops.columns) {
    const field = fieldOf(entity, column);
    if (field === undefined) return failure(unknownField(entity, column));
    columns.push([column, field]);
  }
  const stamps = entity.modifiedAt === null ? [] : [entity.modifiedAt];
  const names = [...entity.keys.map((field) => field.name), ...columns.map(([, field]) => field.name), ...stamps];
  return success({ map, entity, columns, select: [...new Set(names)].join(',') });
}

/** A row of an answer in canonical form. Faults: `configuration` where a value is none of its field's type. */
export function readRow(plan: ReadPlan, row: Readonly<Record<string, unknown>>): Result<Row> {
  const values: Record<string, CanonicalValue> = {};
  let reading = '';
  try {
    for (const [column, field] of plan.columns) {
      reading = column;
      values[column] = canonicalValue(row[field.name], field.type);
    }
  } catch (error) {
    if (!(error instanceof NotCanonicalError)) throw error;
    return failure(unreadable(plan.entity, reading, error.message));
  }
  const version = String(row['@odata.etag'] ?? '');
  const address = keyPredicate(plan.entity, row) ?? '';
  const modifiedAt = modifiedAtOf(plan.entity, row);
  return success({ id: recIdOfEtag(version) ?? address, address, version, values, ...modifiedAt });
}

function modifiedAtOf(entity: FinopsEntity, row: Readonly<Record<string, unknown>>): { modifiedAt?: string } {
  const wire = entity.modifiedAt === null ? undefined : row[entity.modifiedAt];
  const atMs = typeof wire === 'string' && !wire.startsWith('1900-01-01') ? epochMs(wire) : null;
  return atMs === null ? {} : { modifiedAt: isoInstant(atMs) };
}

export function unknownField(entity: FinopsEntity, column: string): Fault {
  const message = `The entity ${entity.entitySet} has no field ${column}. Compare the map with its metadata.`;
  return { code: 'TW106', class: 'configuration', message, field: column };
}

function unreadable(entity: FinopsEntity, column: string, reason: string): Fault {
  const message = `${entity.entitySet}.${column} is not of the type its metadata tell: ${reason}.`;
  return { code: 'TW109', class: 'configuration', message, field: column };
}
