import type { RowWrite } from '../../ports/record-store.ts';
import type { BatchItem, BatchRequest } from '../http/multipart-batch.ts';
import type { DataverseApi } from './dataverse-api.ts';
import type { ReadPlan } from './row-queries.ts';

/**
 * The request that carries out a write under its condition ("Perform conditional operations using the Web API"). The
 * answer to an insert or update tells the row, so that no read follows. `If-Match: *` keeps an update without a known
 * version from creating a row.
 */
export function writeRequest(
  api: DataverseApi,
  plan: ReadPlan,
  write: RowWrite,
  body: string | null,
  tag: string,
): BatchRequest {
  const { entitySetName } = plan.table;
  const mark = `tag=${encodeURIComponent(tag)}`;
  const row = `${api.root}${entitySetName}(${write.address ?? write.rowId})`;
  const answer = { accept: 'application/json', prefer: 'return=representation' };
  const condition = { 'if-match': write.ifMatch ?? '*' };
  switch (write.operation) {
    case 'insert': {
      const url = `${api.root}${entitySetName}?${plan.projection.query}&${mark}`;
      return { method: 'POST', url, headers: answer, body: body ?? '{}' };
    }
    case 'update': {
      const url = `${row}?${plan.projection.query}&${mark}`;
      return { method: 'PATCH', url, headers: { ...answer, ...condition }, body: body ?? '{}' };
    }
    case 'delete':
      return {
        method: 'DELETE',
        url: `${row}?${mark}`,
        headers: write.ifMatch === null ? {} : { 'if-match': write.ifMatch },
      };
  }
}

/**
 * An update of a row whose table refuses edits while it is inactive: state, values and state again in one change set,
 * which stands or falls as a whole. The first request bears the condition; the last one's answer tells the row.
 */
export function reopenedUpdate(update: BatchRequest, before: string | null, after: string | null): BatchItem {
  const { headers = {} } = update;
  const inside = { ...headers, 'if-match': '*' };
  const bodies = [before, update.body ?? '{}', after].filter((body) => body !== null);
  const steps = bodies.map((body, index) => ({ ...update, body, headers: index === 0 ? headers : inside }));
  return { changeset: steps };
}

/**
 * An insert of a row that refers to itself: a row cannot be bound before it is there, so it is created and bound in
 * one change set, which stands or falls as a whole.
 */
export function selfReferringInsert(
  insert: BatchRequest,
  api: DataverseApi,
  plan: ReadPlan,
  id: string,
  body: string,
): BatchItem {
  const query = insert.url.slice(insert.url.indexOf('?'));
  const url = `${api.root}${plan.table.entitySetName}(${id})${query}`;
  const headers = { ...insert.headers, 'if-match': '*' };
  return { changeset: [insert, { method: 'PATCH', url, headers, body }] };
}
