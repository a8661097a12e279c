import { type Fault, failure, type Result, success } from '../../core/fault/fault.ts';
import type { ChangeFeed, FeedPage } from '../../ports/change-feed.ts';
import { parseObject, rowsOf } from '../http/exact-json.ts';
import type { HttpResponse } from '../http/http-client.ts';
import type { DataverseApi } from './dataverse-api.ts';
import { dataverseFault, errorOf } from './dataverse-faults.ts';
import type { DataverseMetadata } from './dataverse-metadata.ts';

/** "Version stamp associated with the client has expired. Please perform a full sync." */
const EXPIRED = '0x80044352';

/**
 * Changes by delta links ("Use change tracking to synchronize data with external systems"): all rows at first, then what
 * changed since, deletions included. A cursor is the last link, relative to the root. How long a link lives is not
 * assumed: when the system no longer knows it, the feed begins again with all rows.
 */
export function createDataverseChangeFeed(options: { api: DataverseApi; metadata: DataverseMetadata }): ChangeFeed {
  const { api, metadata } = options;
  return {
    async next(map, cursor) {
      const name = map.sides.dataverse.table;
      const tables = await metadata.tables(name, []);
      if (!tables.ok) return tables;
      const table = tables.value.get(name);
      if (table === undefined) return failure(unreadable(name));
      const begin = `${table.entitySetName}?$select=${table.primaryId}`;
      const answer = await api.readChanges(cursor ?? begin);
      if (!answer.ok) return answer;
      const expired = cursor !== null && answer.value.status === 400 && errorOf(answer.value).code === EXPIRED;
      if (!expired) return pageOf(api.root, name, table.primaryId, answer.value);
      const again = await api.readChanges(begin);
      if (!again.ok) return again;
      const page = pageOf(api.root, name, table.primaryId, again.value);
      return page.ok ? success({ ...page.value, restarted: true }) : page;
    },
  };
}

function pageOf(root: string, table: string, primaryId: string, answer: HttpResponse): Result<FeedPage> {
  if (answer.status !== 200)
    return failure(dataverseFault(answer, { writes: false, what: `a read of the changes of ${table}` }));
  const found = rowsOf(answer.text);
  const { '@odata.nextLink': next, '@odata.deltaLink': delta } = parseObject(answer.text);
  const link = next ?? delta;
  if (found === null || typeof link !== 'string' || !link.startsWith(root)) return failure(unreadable(table));
  const rows: { rowId: string; version: string }[] = [];
  const deletedIds: string[] = [];
  for (const row of found) {
    if (row['reason'] !== undefined) deletedIds.push(String(row['id']).toLowerCase());
    else rows.push({ rowId: String(row[primaryId]).toLowerCase(), version: String(row['@odata.etag'] ?? '') });
  }
  return success({ rows, deletedIds, cursor: link.slice(root.length), more: next !== undefined, restarted: false });
}

function unreadable(table: string): Fault {
  const message = `Dataverse gave no readable list of the changes of ${table}. It is asked again.`;
  return { code: 'TW107', class: 'transient', message };
}
