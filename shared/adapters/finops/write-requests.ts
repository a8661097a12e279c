import type { Values } from '../../core/record/canonical-value.ts';
import type { RowWrite } from '../../ports/record-store.ts';
import type { BatchRequest } from '../http/multipart-batch.ts';
import type { FinopsApi } from './finops-api.ts';
import { type FinopsEntity, fieldOf, wireValue } from './finops-entity.ts';
import { keySegment, predicateOfRecord } from './odata-key.ts';
import type { ReadPlan } from './row-reading.ts';

/**
 * The request that carries out a write under its condition; null where the row cannot be addressed. The name of a
 * column that the entity lacks comes as text.
 */
export function writeRequest(api: FinopsApi, plan: ReadPlan, write: RowWrite): BatchRequest | string | null {
  const { entity, map } = plan;
  const set = `${api.root}${entity.entitySet}`;
  const unknown = Object.keys(write.values).find((column) => fieldOf(entity, column) === undefined);
  if (unknown !== undefined) return unknown;
  if (write.operation === 'insert') {
    const url = `${set}?cross-company=true`;
    return {
      method: 'POST',
      url,
      headers: { accept: 'application/json' },
      body: bodyOf(entity, write.values, 'insert'),
    };
  }
  const predicate = write.address ?? predicateOfRecord(entity, map, write.key);
  if (predicate === null) return null;
  const url = `${set}${keySegment(predicate)}?cross-company=true`;
  const headers = write.ifMatch === null ? {} : { 'if-match': write.ifMatch };
  if (write.operation === 'delete') return { method: 'DELETE', url, headers };
  return { method: 'PATCH', url, headers, body: bodyOf(entity, write.values, 'update') };
}

/** Key fields come first, because setters run in the order of the body and others default from the key. */
function bodyOf(entity: FinopsEntity, values: Values, operation: 'insert' | 'update'): string {
  const given = Object.entries(values).flatMap(([column, value]) => {
    const field = fieldOf(entity, column);
    if (field === undefined) return [];
    const settable = operation === 'insert' ? field.allowEditOnCreate : field.allowEdit && !field.isKey;
    return settable ? [{ field, value }] : [];
  });
  const ordered = [...given.filter(({ field }) => field.isKey), ...given.filter(({ field }) => !field.isKey)];
  return JSON.stringify(Object.fromEntries(ordered.map(({ field, value }) => [field.name, wireValue(value, field)])));
}
